// The filter of the list of handovers, in its address.

import type { Enum } from '../../graphql';
import { type UrlState, oneOf, text } from '../../lib/useUrlState';
import { between } from '../audit/filter';

export const STATES = ['any', 'running', 'failed', 'done', 'cancelled'] as const;

export const HANDOVERS = { state: oneOf(...STATES), from: text, to: text, by: text, since: text, until: text };

const IN: Record<(typeof STATES)[number], Enum<'HandoverState'>[] | null> = {
  any: null,
  running: ['QUEUED', 'RUNNING'],
  failed: null,
  done: ['SUCCEEDED', 'PARTIAL', 'FAILED'],
  cancelled: ['CANCELLED'],
};

export function handoverFilter({ state, from, to, by, ...days }: UrlState<typeof HANDOVERS>['values']) {
  const { since, until } = between(days.since, days.until);
  return {
    state: IN[state],
    hasFailures: state === 'failed' ? true : null,
    fromUserId: from || null,
    recipientId: to || null,
    requestedById: by || null,
    createdSince: since,
    createdUntil: until,
  };
}
