import type { Say } from '../say';

export const departments = (say: Say) => ({
  title: 'Departments',
  search: 'Search departments',
  count: (count: number) => say.plural(count, { one: '# department', other: '# departments' }),
  none: 'There are no departments yet.',
  create: 'New department',
  createTitle: 'New department',
  created: (name: string) => `The department “${name}” was made.`,
  edit: 'Rename, move, change head…',
  editTitle: (name: string) => `Change “${name}”`,
  addBelow: 'New department below…',
  below: (name: string) => `Departments below ${name}`,
  parent: 'Belongs to',
  top: 'No other department',
  head: 'Head',
  noHead: 'No head',
  chooseHead: 'Head of the department',
  removeHead: 'No head',
});
