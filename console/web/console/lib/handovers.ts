// Handovers that go on while a page shows them.

import { useCallback, useEffect, useRef } from 'react';
import type { Enum } from '../graphql';

/** The least time between two readings, in milliseconds. */
const BETWEEN = 1_000;

export const isOver = (state: Enum<'HandoverState'>): boolean => state !== 'QUEUED' && state !== 'RUNNING';

/** Reads soon, and once for all that happens until then. */
export function useSoon(read: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return useCallback(() => {
    if (timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      read();
    }, BETWEEN);
  }, [read]);
}
