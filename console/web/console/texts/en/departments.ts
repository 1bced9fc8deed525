import type { Say } from '../say';

export const departments = (_say: Say) => ({
  title: 'Departments',
});
