// The time zone of dismissals: the company's if it has one, and otherwise the browser's. It is always written out.

import { useSay } from '../texts';
import { useViewer } from '../viewer';
import { isKnown } from './zones';

export function useZone(): string {
  const { timeZone } = useViewer().company;
  return timeZone && isKnown(timeZone) ? timeZone : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Writes a point in time with its zone. */
export function useMoment(dateStyle: 'full' | 'medium' = 'medium'): (time: string) => string {
  const say = useSay();
  const zone = useZone();
  return (time) => say.inZone(time, zone, dateStyle);
}
