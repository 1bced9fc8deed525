// Calendars and their events.

export { default as Calendar } from '../pages/Calendar';
export { default as Calendars } from '../pages/Calendars';
