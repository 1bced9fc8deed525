// Recurrence of events: what lib/recurrence can say, with an end.

import { parseAbsolute, parseDate } from '@internationalized/date';
import { readRule, ruleWords } from '../../lib/recurrence';
import type { Say, Texts } from '../../texts';

export type End = { kind: 'never' } | { kind: 'count'; count: number } | { kind: 'until'; day: string };

const isEnd = (part: string) => /^(COUNT|UNTIL)=/i.test(part);

/** Takes the end off a rule. `zone` is the one that the days are counted in. */
export function splitEnd(text: string, zone: string): { rule: string; end: End } {
  const parts = text.split(';');
  const rule = parts.filter((part) => !isEnd(part)).join(';');
  const [name, value = ''] = parts.find(isEnd)?.split('=') ?? [];
  if (name?.toUpperCase() === 'COUNT') return { rule, end: { kind: 'count', count: Number(value) } };
  if (!name) return { rule, end: { kind: 'never' } };
  const [, year, month, day, time] = /^(\d{4})(\d\d)(\d\d)(?:T(\d{6})Z?)?$/.exec(value) ?? [];
  if (!year) return { rule: text, end: { kind: 'never' } };
  const date = `${year}-${month}-${day}`;
  if (!time || !value.endsWith('Z')) return { rule, end: { kind: 'until', day: date } };
  const clock = time.replace(/(..)(..)(..)/, '$1:$2:$3');
  return { rule, end: { kind: 'until', day: parseAbsolute(`${date}T${clock}Z`, zone).toString().slice(0, 10) } };
}

/** The rule with its end: a day is meant until its last second. */
export function joinEnd(rule: string, end: End, zone: string): string {
  if (end.kind === 'count') return `${rule};COUNT=${end.count}`;
  if (end.kind === 'never') return rule;
  const last = new Date(parseDate(end.day).add({ days: 1 }).toDate(zone).getTime() - 1_000);
  return `${rule};UNTIL=${last.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

interface Recurs {
  recurrence: string | null;
  recurrenceText: string | null;
  timezone: string | null;
}

/** How often an event comes again, in words. */
export function recurrenceWords({ recurrence, recurrenceText, timezone }: Recurs, texts: Texts, say: Say): string {
  if (!recurrence) return recurrenceText ?? texts.calendars.once;
  const { rule, end } = splitEnd(recurrence, timezone ?? 'UTC');
  if (!readRule(rule)) return recurrence;
  const words = ruleWords(rule, texts, say);
  if (end.kind === 'count') return texts.calendars.times(words, end.count);
  return end.kind === 'until' ? texts.calendars.untilDay(words, say.day(end.day)) : words;
}
