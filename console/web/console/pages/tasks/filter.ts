// The filter of the list of tasks, in its address.

import type { Enum } from '../../graphql';
import { type UrlState, flag, oneOf, text } from '../../lib/useUrlState';

export const TASKS = {
  person: text,
  role: oneOf('any', 'ongoing', 'assisting', 'set', 'following'),
  state: oneOf('open', 'closed', 'all'),
  left: flag,
  late: flag,
  department: text,
  q: text,
};

type TasksState = UrlState<typeof TASKS>['values'];

const ROLES: Record<TasksState['role'], Enum<'TaskRole'> | null> = {
  any: null,
  ongoing: 'RESPONSIBLE',
  assisting: 'PARTICIPANT',
  set: 'CREATOR',
  following: 'OBSERVER',
};

/** `now` decides what is overdue: it stays the same while a list is shown. */
export function taskFilter({ person, role, state, left, late, department, q }: TasksState, now: string) {
  return {
    userId: person || null,
    role: person || left ? ROLES[role] : null,
    open: late ? true : state === 'all' ? null : state === 'open',
    heldByDismissed: left ? true : null,
    deadlineBefore: late ? now : null,
    departmentId: department || null,
    search: q.trim() || null,
  };
}
