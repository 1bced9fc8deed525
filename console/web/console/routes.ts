// The pages, by address. To add one: a file under pages/, and a line here.

import type { ComponentType, LazyExoticComponent } from 'react';
import type { Permission } from './graphql';
import { part } from './lib/build';

export interface Route {
  /** `:name` is given to the page as a property; `*?` is the rest, for tabs of the same page. */
  path: string;
  page: LazyExoticComponent<ComponentType<Record<string, string | undefined>>>;
  /** Shown only with this permission. */
  needs?: Permission;
}

/** The first that fits is shown. `drive` and `calendar` can't be first words: they belong to the API. */
export const ROUTES: readonly Route[] = [
  { path: '/', page: part(() => import('./pages/Overview')) },
  { path: '/people', page: part(() => import('./pages/People')) },
  { path: '/people/invite', page: part(() => import('./pages/Invite')), needs: 'MANAGE_USERS' },
  { path: '/people/dismiss', page: part(() => import('./pages/DismissSeveral')), needs: 'DISMISS_USERS' },
  { path: '/people/:id/dismiss', page: part(() => import('./pages/Dismiss')), needs: 'DISMISS_USERS' },
  { path: '/people/:id/hand-over', page: part(() => import('./pages/HandOverWork')), needs: 'REASSIGN_WORK' },
  { path: '/people/:id/hire', page: part(() => import('./pages/Hire')), needs: 'HIRE_USERS' },
  { path: '/people/:id/*?', page: part(() => import('./pages/Person')) },
  { path: '/departments', page: part(() => import('./pages/Departments')), needs: 'MANAGE_USERS' },
  { path: '/dismissals', page: part(() => import('./pages/Dismissals')), needs: 'DISMISS_USERS' },
  { path: '/handovers', page: part(() => import('./pages/Handovers')), needs: 'REASSIGN_WORK' },
  { path: '/handovers/:id', page: part(() => import('./pages/HandoverDetails')), needs: 'REASSIGN_WORK' },
  { path: '/work/tasks', page: part(() => import('./pages/Tasks')) },
  { path: '/work/recurring', page: part(() => import('./pages/RecurringTasks')) },
  { path: '/work/crm', page: part(() => import('./pages/Crm')) },
  { path: '/work/crm/:id', page: part(() => import('./pages/CrmRecord')) },
  { path: '/work/activities', page: part(() => import('./pages/Activities')) },
  { path: '/files', page: part(() => import('./pages/Files')) },
  { path: '/files/shared', page: part(() => import('./pages/SharedFiles')) },
  { path: '/files/:id', page: part(() => import('./pages/Files')) },
  { path: '/calendars', page: part(() => import('./pages/Calendars')) },
  { path: '/calendars/:id', page: part(() => import('./pages/Calendar')) },
  { path: '/audit', page: part(() => import('./pages/Audit')), needs: 'READ_AUDIT_LOG' },
  { path: '/settings', page: part(() => import('./pages/Settings')) },
  { path: '/settings/company', page: part(() => import('./pages/Company')), needs: 'MANAGE_SETTINGS' },
  { path: '/settings/crm-roles', page: part(() => import('./pages/CrmRoles')), needs: 'MANAGE_SETTINGS' },
  { path: '/settings/crm-roles/:id', page: part(() => import('./pages/CrmRole')), needs: 'MANAGE_SETTINGS' },
  { path: '/settings/integrations', page: part(() => import('./pages/Integrations')), needs: 'MANAGE_INTEGRATIONS' },
  { path: '/settings/webhooks', page: part(() => import('./pages/Webhooks')), needs: 'MANAGE_INTEGRATIONS' },
  { path: '/me', page: part(() => import('./pages/Me')) },
  { path: '/me/security', page: part(() => import('./pages/Security')) },
];

/** For people without a session: the token is behind `#`, which is never sent and in no log. */
export const PUBLIC_ROUTES: readonly Route[] = [
  { path: '/invitation', page: part(() => import('./pages/Invitation')) },
  { path: '/new-password', page: part(() => import('./pages/NewPassword')) },
];
