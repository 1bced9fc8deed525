import type { Texts } from '../en';
import type { Say } from '../say';

export const overview = (say: Say): Texts['overview'] => ({
  title: 'Übersicht',
  numbers: 'Zahlen',
  openWithLeft: 'offene Elemente bei Personen, die gegangen sind',
  unassigned: 'offene Elemente, die niemand hat',
  stillHolding: (left) => `von ${say.number(left)}, die gegangen sind, haben noch Arbeit`,
  running: 'Übergaben laufen',
  failed: 'Übergaben mit gescheiterten Elementen',
  scheduled: 'bevorstehende Entlassungen',
  where: 'Wo offene Arbeit liegt',
  withLeft: 'bei Personen, die gegangen sind',
  withHere: 'bei Personen, die hier arbeiten',
  withNobody: 'bei niemandem',
  noDepartment: 'Ohne Abteilung',
  bar: (left, here, nobody) =>
    say.list([
      `${say.number(left)} bei Personen, die gegangen sind`,
      `${say.number(here)} bei Personen, die hier arbeiten`,
      ...(nobody ? [`${say.number(nobody)} bei niemandem`] : []),
    ]),
  nothingOpen: 'Es gibt keine offene Arbeit.',
  holders: 'Gegangen, und noch mit Arbeit',
  allHolders: (count) => `Alle ${say.number(count)}`,
  left: 'Gegangen',
  openItems: 'Offene Elemente',
  handOver: 'Übergeben',
  handOverOf: (name) => `Arbeit von ${name} übergeben`,
  noHolders: 'Niemand, der gegangen ist, hat offene Arbeit.',
});
