import {
  type CalendarDate,
  getLocalTimeZone,
  parseAbsolute,
  parseDate,
  toCalendarDate,
  toCalendarDateTime,
  toZoned,
  today,
} from '@internationalized/date';
import { type Recurring, occurrences } from '../../lib/occurrences';
import type { Event } from './documents';

/** Days that are shown at once. */
export const SPAN = 28;

/** The first day that is shown: that of the address, or today. */
export function firstDay(written: string): CalendarDate {
  try {
    return parseDate(written);
  } catch {
    return today(getLocalTimeZone());
  }
}

export const startOf = (day: CalendarDate): Date => day.toDate(getLocalTimeZone());
export const dayOf = (time: Date): string =>
  toCalendarDate(parseAbsolute(time.toISOString(), getLocalTimeZone())).toString();

/** The same time of day in another zone. */
export function inZone(time: string | null, before: string, after: string): string | null {
  if (!time) return null;
  const local = toCalendarDateTime(parseAbsolute(new Date(time).toISOString(), before));
  return toZoned(local, after).toAbsoluteString();
}

export interface Occurrence {
  event: Event;
  start: Date;
  end: Date;
}

const isTimed = (event: Event): event is Event & Recurring => event.startsAt !== null && event.endsAt !== null;

/** What takes place, by day; and the events whose days can't be told. */
export function byDay(events: readonly Event[], from: Date, to: Date) {
  const found: Occurrence[] = [];
  const unclear: Event[] = [];
  for (const event of events) {
    const starts = isTimed(event) ? occurrences(event, from, to) : null;
    if (starts === null || !isTimed(event) || event.recurrenceText) {
      unclear.push(event);
      continue;
    }
    const length = new Date(event.endsAt).getTime() - new Date(event.startsAt).getTime();
    for (const start of starts) found.push({ event, start, end: new Date(start.getTime() + length) });
  }
  found.sort((a, b) => a.start.getTime() - b.start.getTime());
  const days = new Map<string, Occurrence[]>();
  for (const one of found) {
    // What has begun before is at the first day.
    const day = dayOf(one.start < from ? from : one.start);
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  return { days, unclear, count: found.length };
}
