import type { Texts } from '../en';
import type { Say } from '../say';

export const calendars = (_say: Say): Texts['calendars'] => ({
  title: 'Kalender',
  calendar: 'Kalender',
});
