// Recurrence rules (RRULE, RFC 5545): those that a form can make and words can say; others stay as they are.

import type { Say, Texts } from '../texts';

export const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** In the order of the week. */
export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface Rule {
  frequency: Frequency;
  interval: number;
  /** For weekly rules; none: the weekday of the start. */
  weekdays: Weekday[];
}

/** Reads a rule, unless it has parts that a form does not offer. */
export function readRule(text: string): Rule | null {
  const rule: Rule = { frequency: 'WEEKLY', interval: 1, weekdays: [] };
  let known = false;
  for (const part of text.toUpperCase().replace(/^RRULE:/, '').split(';')) {
    const [name, value = ''] = part.split('=');
    const frequency = FREQUENCIES.find((one) => one === value);
    if (name === 'FREQ' && frequency) {
      rule.frequency = frequency;
      known = true;
    } else if (name === 'INTERVAL' && /^[1-9]\d{0,3}$/.test(value)) {
      rule.interval = Number(value);
    } else if (name === 'BYDAY' && value.split(',').every((day) => WEEKDAYS.some((one) => one === day))) {
      rule.weekdays = WEEKDAYS.filter((day) => value.split(',').includes(day));
    } else {
      return null;
    }
  }
  return known && (rule.weekdays.length === 0 || rule.frequency === 'WEEKLY') ? rule : null;
}

export function writeRule({ frequency, interval, weekdays }: Rule): string {
  return [
    `FREQ=${frequency}`,
    ...(interval > 1 ? [`INTERVAL=${interval}`] : []),
    ...(frequency === 'WEEKLY' && weekdays.length > 0 ? [`BYDAY=${weekdays.join(',')}`] : []),
  ].join(';');
}

/** The name of a weekday in the language of the page. */
export function weekdayName(day: Weekday, say: Say): string {
  // The fifth of January 2026 was a Monday.
  const date = new Date(Date.UTC(2026, 0, 5 + WEEKDAYS.indexOf(day)));
  return new Intl.DateTimeFormat(say.locale, { weekday: 'long', timeZone: 'UTC' }).format(date);
}

/** A rule in words; one that there are no words for as it is written. */
export function ruleWords(text: string, { tasks }: Texts, say: Say): string {
  const rule = readRule(text);
  if (!rule) return text;
  const every = tasks.rule.every[rule.frequency](rule.interval);
  if (rule.weekdays.length === 0) return every;
  return tasks.rule.on(every, say.list(rule.weekdays.map((day) => weekdayName(day, say))));
}
