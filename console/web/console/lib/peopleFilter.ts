// The filter of the list of people, in its address and in that of what is done with all who match.

import type { UrlState } from './useUrlState';
import { flag, oneOf, text } from './useUrlState';

export const PEOPLE = {
  show: oneOf('here', 'left', 'all'),
  work: oneOf('any', 'held'),
  leaving: flag,
  department: text,
  role: oneOf('any', 'ADMINISTRATOR', 'EMPLOYEE'),
  q: text,
  sort: oneOf('NAME', 'EMAIL', 'HIRED_ON', 'DISMISSED_AT'),
};

export type PeopleState = UrlState<typeof PEOPLE>['values'];

/** The most that can be dismissed at once. */
export const MOST_DISMISSED = 1_000;

export function userFilter({ show, work, leaving, department, role, q }: PeopleState) {
  return {
    dismissed: show === 'all' ? null : show === 'left',
    holdsWork: show === 'left' && work === 'held' ? true : null,
    dismissalScheduled: leaving ? true : null,
    departmentId: department || null,
    role: role === 'any' ? null : role,
    search: q.trim() || null,
  };
}

export function userOrder({ sort }: PeopleState) {
  const newestFirst = sort === 'HIRED_ON' || sort === 'DISMISSED_AT';
  return { field: sort, direction: newestFirst ? ('DESC' as const) : ('ASC' as const) };
}

/** Who was picked in the list: these, or all who match its filter but these. */
export interface PickedPeople {
  all: boolean;
  ids: readonly string[];
}

/** The address of the page for several people: with their ids, or with the filter. */
export function pickedAddress({ all, ids }: PickedPeople, filter: string): string {
  const params = new URLSearchParams(all ? filter : '');
  if (all) params.set('all', '1');
  if (ids.length > 0) params.set(all ? 'except' : 'ids', ids.join(','));
  return `/people/dismiss?${params}`;
}

export function readPicked(search: string): PickedPeople {
  const params = new URLSearchParams(search);
  const all = params.get('all') === '1';
  return { all, ids: params.get(all ? 'except' : 'ids')?.split(',').filter(Boolean) ?? [] };
}
