import type { Texts } from '../en';
import type { Say } from '../say';

export const departments = (_say: Say): Texts['departments'] => ({
  title: 'Abteilungen',
});
