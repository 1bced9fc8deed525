import type { Texts } from '../en';
import type { Say } from '../say';

export const departments = (say: Say): Texts['departments'] => ({
  title: 'Abteilungen',
  search: 'Abteilungen suchen',
  count: (count) => say.plural(count, { one: '# Abteilung', other: '# Abteilungen' }),
  none: 'Es gibt noch keine Abteilungen.',
  create: 'Neue Abteilung',
  createTitle: 'Neue Abteilung',
  created: (name) => `Die Abteilung „${name}“ wurde angelegt.`,
  edit: 'Umbenennen, verschieben, Leitung ändern …',
  editTitle: (name) => `„${name}“ ändern`,
  addBelow: 'Neue Abteilung darunter …',
  below: (name) => `Abteilungen unter ${name}`,
  parent: 'Gehört zu',
  top: 'Keiner anderen Abteilung',
  head: 'Leitung',
  noHead: 'Keine Leitung',
  chooseHead: 'Leitung der Abteilung',
  removeHead: 'Keine Leitung',
});
