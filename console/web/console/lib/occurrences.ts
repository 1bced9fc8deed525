// The days on which a recurring event takes place (RRULE, RFC 5545). The API names the rule, not the days.

import { CalendarDateTime, parseAbsolute, toZoned } from '@internationalized/date';

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const DAY = 86_400_000;

interface Parts {
  frequency: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  interval: number;
  weekdays: { weekday: number; nth: number }[];
  monthDays: number[];
  months: number[];
  yearDays: number[];
  positions: number[];
  weekStart: number;
}

/** A day as its number; weeks and months are counted from the same beginning. */
interface Day {
  number: number;
  year: number;
  month: number;
  day: number;
}

const dayOf = (number: number): Day => {
  const date = new Date(number * DAY);
  return { number, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};
const numberOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / DAY;
const weekdayOf = (number: number): number => (((number + 4) % 7) + 7) % 7;
const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/** Null for a rule with parts that are not understood here. */
function read(text: string): Parts | null {
  const parts: Parts = {
    frequency: 'DAILY',
    interval: 1,
    weekdays: [],
    monthDays: [],
    months: [],
    yearDays: [],
    positions: [],
    weekStart: 1,
  };
  const numbers = (value: string) => value.split(',').map(Number);
  for (const part of text.toUpperCase().replace(/^RRULE:/, '').split(';')) {
    const [name, value = ''] = part.split('=');
    switch (name) {
      case 'FREQ':
        if (!/^(DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(value)) return null;
        parts.frequency = value as Parts['frequency'];
        break;
      case 'INTERVAL':
        parts.interval = Number(value);
        break;
      case 'BYDAY':
        parts.weekdays = value.split(',').map((one) => ({
          weekday: WEEKDAYS.indexOf(one.slice(-2)),
          nth: Number(one.slice(0, -2)) || 0,
        }));
        break;
      case 'BYMONTHDAY':
        parts.monthDays = numbers(value);
        break;
      case 'BYMONTH':
        parts.months = numbers(value);
        break;
      case 'BYYEARDAY':
        parts.yearDays = numbers(value);
        break;
      case 'BYSETPOS':
        parts.positions = numbers(value);
        break;
      case 'WKST':
        parts.weekStart = WEEKDAYS.indexOf(value);
        break;
      case 'COUNT':
      case 'UNTIL':
        // The end of the last occurrence is known from the event.
        break;
      default:
        return null;
    }
  }
  return parts.interval > 0 ? parts : null;
}

/** What a rule does not say, it takes from its start. */
function complete(parts: Parts, start: Day): Parts {
  if (parts.weekdays.length + parts.monthDays.length + parts.yearDays.length > 0) return parts;
  switch (parts.frequency) {
    case 'WEEKLY':
      return { ...parts, weekdays: [{ weekday: weekdayOf(start.number), nth: 0 }] };
    case 'MONTHLY':
      return { ...parts, monthDays: [start.day] };
    case 'YEARLY':
      return { ...parts, months: parts.months.length > 0 ? parts.months : [start.month], monthDays: [start.day] };
    case 'DAILY':
      return parts;
  }
}

/** Whether a day is at a place in a span, counted from its beginning or, below zero, from its end. */
const isAt = (places: readonly number[], at: number, length: number) =>
  places.includes(at) || places.includes(at - length - 1);

function fits({ number, year, month, day }: Day, parts: Parts): boolean {
  const { frequency, months, monthDays, yearDays, weekdays } = parts;
  const monthStart = numberOf(year, month, 1);
  const monthLength = numberOf(year, month + 1, 1) - monthStart;
  const yearStart = numberOf(year, 1, 1);
  const yearLength = numberOf(year + 1, 1, 1) - yearStart;
  if (months.length > 0 && !months.includes(month)) return false;
  if (monthDays.length > 0 && !isAt(monthDays, day, monthLength)) return false;
  if (yearDays.length > 0 && !isAt(yearDays, number - yearStart + 1, yearLength)) return false;
  if (weekdays.length === 0) return true;
  const ofMonth = frequency === 'MONTHLY' || months.length > 0;
  const at = ofMonth ? day - 1 : number - yearStart;
  const length = ofMonth ? monthLength : yearLength;
  const [first, last] = [Math.floor(at / 7) + 1, -Math.floor((length - 1 - at) / 7) - 1];
  return weekdays.some(
    ({ weekday, nth }) => weekday === weekdayOf(number) && (nth === 0 || nth === first || nth === last),
  );
}

/** The week, month or year of a day: its first day, its length, and its number. */
function periodOf({ number, year, month }: Day, { frequency, weekStart }: Parts): [number, number, number] {
  switch (frequency) {
    case 'DAILY':
      return [number, 1, number];
    case 'WEEKLY': {
      const first = number - modulo(weekdayOf(number) - weekStart, 7);
      return [first, 7, Math.floor((first - weekStart + 4) / 7)];
    }
    case 'MONTHLY': {
      const first = numberOf(year, month, 1);
      return [first, numberOf(year, month + 1, 1) - first, year * 12 + month];
    }
    case 'YEARLY': {
      const first = numberOf(year, 1, 1);
      return [first, numberOf(year + 1, 1, 1) - first, year];
    }
  }
}

function takesPlace(day: Day, start: Day, parts: Parts): boolean {
  const [first, length, period] = periodOf(day, parts);
  const [, , origin] = periodOf(start, parts);
  if (modulo(period - origin, parts.interval) !== 0 || !fits(day, parts)) return false;
  if (parts.positions.length === 0) return true;
  const set: number[] = [];
  for (let number = first; number < first + length; number += 1) if (fits(dayOf(number), parts)) set.push(number);
  return isAt(parts.positions, set.indexOf(day.number) + 1, set.length);
}

export interface Recurring {
  startsAt: string;
  endsAt: string;
  recurrence: string | null;
  timezone: string | null;
  /** End of the last occurrence. */
  overAt: string | null;
}

/** The starts between two points in time, those that have begun before and still last included; null if unknown. */
export function occurrences(event: Recurring, from: Date, to: Date): Date[] | null {
  const start = new Date(event.startsAt);
  const length = new Date(event.endsAt).getTime() - start.getTime();
  const within = (at: Date) => at < to && (at.getTime() + length > from.getTime() || at >= from);
  if (!event.recurrence) return within(start) ? [start] : [];
  const rule = read(event.recurrence);
  if (!rule) return null;
  const zone = event.timezone ?? 'UTC';
  const local = parseAbsolute(start.toISOString(), zone);
  const first = dayOf(numberOf(local.year, local.month, local.day));
  const parts = complete(rule, first);
  const last = event.overAt ? new Date(new Date(event.overAt).getTime() - length) : null;
  const found: Date[] = [];
  // A day more on each side: the days are those of another zone.
  const begin = Math.max(first.number, Math.floor((from.getTime() - length) / DAY) - 1);
  const end = Math.ceil(to.getTime() / DAY) + 1;
  for (let number = begin; number <= end; number += 1) {
    const day = dayOf(number);
    if (!takesPlace(day, first, parts)) continue;
    const at = toZoned(
      new CalendarDateTime(day.year, day.month, day.day, local.hour, local.minute, local.second),
      zone,
    ).toDate();
    if (at >= start && within(at) && (!last || at <= last)) found.push(at);
  }
  return found;
}
