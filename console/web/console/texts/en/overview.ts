import type { Say } from '../say';

export const overview = (say: Say) => ({
  title: 'Overview',
  numbers: 'Numbers',
  openWithLeft: 'open items with people who have left',
  unassigned: 'open items that nobody holds',
  stillHolding: (left: number) => `of ${say.number(left)} who have left still hold work`,
  running: 'handovers under way',
  failed: 'handovers with failed items',
  scheduled: 'dismissals to come',
  where: 'Where open work lies',
  withLeft: 'with people who have left',
  withHere: 'with people who work here',
  withNobody: 'with nobody',
  noDepartment: 'No department',
  /** Read out for a bar of the picture. */
  bar: (left: number, here: number, nobody: number) =>
    say.list([
      `${say.number(left)} with people who have left`,
      `${say.number(here)} with people who work here`,
      ...(nobody ? [`${say.number(nobody)} with nobody`] : []),
    ]),
  nothingOpen: 'There is no open work.',
  holders: 'Left, and still holding work',
  allHolders: (count: number) => `All ${say.number(count)}`,
  left: 'Left',
  openItems: 'Open items',
  handOver: 'Hand over',
  handOverOf: (name: string) => `Hand over the work of ${name}`,
  noHolders: 'Nobody who has left holds open work.',
});
