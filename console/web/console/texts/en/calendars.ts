import type { Say } from '../say';

export const calendars = (_say: Say) => ({
  title: 'Calendars',
  calendar: 'Calendar',
});
