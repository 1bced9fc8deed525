// The drive, and calendars with their events.

export { default as Calendar } from '../pages/Calendar';
export { default as Calendars } from '../pages/Calendars';
export { default as Files } from '../pages/Files';
export { default as SharedFiles } from '../pages/SharedFiles';
