import type { Say } from '../texts';

/** The time zone that the page shows times in. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A point in time that something depends on: with the time zone written out. */
export const moment = (say: Say, time: string): string => `${say.dateTime(time)} (${ownZone()})`;
