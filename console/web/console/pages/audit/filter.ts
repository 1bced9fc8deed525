// The filter of the audit log, in its address.

import { type UrlState, text } from '../../lib/useUrlState';

export const LOG = { who: text, about: text, action: text, since: text, until: text };

/** The beginning of a day of this device, as a point in time; a later day by `days`. */
function midnight(day: string, days = 0): string | null {
  const [year, month, date] = day.split('-').map(Number);
  if (!year || !month || !date) return null;
  const time = new Date(year, month - 1, date + days);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** A range of days, the last one included. */
export const between = (since: string, until: string) => ({ since: midnight(since), until: midnight(until, 1) });

export function logFilter({ who, about, action, since, until }: UrlState<typeof LOG>['values']) {
  return {
    actorId: who || null,
    subjectId: about || null,
    action: action ? [action] : null,
    ...between(since, until),
  };
}
