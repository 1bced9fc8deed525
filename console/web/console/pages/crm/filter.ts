// The filter of the list of CRM records, in its address.

import type { Enum, WorkKind } from '../../graphql';
import { type UrlState, oneOf, text } from '../../lib/useUrlState';

export const KINDS = ['LEAD', 'DEAL', 'CONTACT', 'COMPANY', 'QUOTE', 'INVOICE'] as const;

export const RECORDS = {
  kind: oneOf('any', ...KINDS),
  holder: oneOf('any', 'left', 'none'),
  person: text,
  stage: text,
  state: oneOf('open', 'closed', 'all'),
  department: text,
  q: text,
};

export function recordFilter({ kind, holder, person, stage, state, department, q }: UrlState<typeof RECORDS>['values']) {
  return {
    kind: kind === 'any' ? null : [kind],
    responsibleId: person || null,
    responsibleDismissed: holder === 'left' ? true : null,
    unassigned: holder === 'none' ? true : null,
    stage: stage.trim() ? [stage.trim()] : null,
    closed: state === 'all' ? null : state === 'closed',
    departmentId: department || null,
    search: q.trim() || null,
  };
}

/** The kind of work that a kind of record is. */
export const WORK: Record<Enum<'CrmKind'>, WorkKind> = {
  LEAD: 'CRM_LEAD',
  DEAL: 'CRM_DEAL',
  CONTACT: 'CRM_CONTACT',
  COMPANY: 'CRM_COMPANY',
  QUOTE: 'CRM_QUOTE',
  INVOICE: 'CRM_INVOICE',
};
