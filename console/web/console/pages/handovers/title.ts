import type { Texts } from '../../texts';

interface Titled {
  from: { name: string } | null;
  undoes: { id: string } | null;
}

/** What a handover is called. */
export function titleOf({ from, undoes }: Titled, { handovers }: Texts): string {
  if (undoes) return handovers.undo;
  return from ? handovers.workOf(from.name) : handovers.picked;
}
