// The pages, by address. To add one: a file under pages/, its name in a file under areas/, and a line here.

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

// What is usually opened together is loaded together: many small files weigh more than a few.
const files = () => import('./areas/files');
const forGuests = () => import('./areas/public');
const handing = () => import('./areas/handing');
const people = () => import('./areas/people');
const settings = () => import('./areas/settings');
const work = () => import('./areas/work');

/** The first that fits is shown. `drive` and `calendar` can't be first words: they belong to the API. */
export const ROUTES: readonly Route[] = [
  { path: '/', page: part(() => import('./pages/Overview'), 'default') },
  { path: '/people', page: part(people, 'People') },
  { path: '/people/invite', page: part(people, 'Invite'), needs: 'MANAGE_USERS' },
  { path: '/people/dismiss', page: part(handing, 'DismissSeveral'), needs: 'DISMISS_USERS' },
  { path: '/people/:id/dismiss', page: part(handing, 'Dismiss'), needs: 'DISMISS_USERS' },
  { path: '/people/:id/hand-over', page: part(handing, 'HandOverWork'), needs: 'REASSIGN_WORK' },
  { path: '/people/:id/hire', page: part(handing, 'Hire'), needs: 'HIRE_USERS' },
  { path: '/people/:id/*?', page: part(people, 'Person') },
  { path: '/departments', page: part(people, 'Departments'), needs: 'MANAGE_USERS' },
  { path: '/dismissals', page: part(people, 'Dismissals'), needs: 'DISMISS_USERS' },
  { path: '/handovers', page: part(handing, 'Handovers'), needs: 'REASSIGN_WORK' },
  { path: '/handovers/:id', page: part(handing, 'HandoverDetails'), needs: 'REASSIGN_WORK' },
  { path: '/work/tasks', page: part(work, 'Tasks') },
  { path: '/work/recurring', page: part(work, 'RecurringTasks') },
  { path: '/work/crm', page: part(work, 'Crm') },
  { path: '/work/crm/:id', page: part(work, 'CrmRecord') },
  { path: '/work/activities', page: part(work, 'Activities') },
  { path: '/files', page: part(files, 'Files') },
  { path: '/files/shared', page: part(files, 'SharedFiles') },
  { path: '/files/:id', page: part(files, 'Files') },
  { path: '/calendars', page: part(files, 'Calendars') },
  { path: '/calendars/:id', page: part(files, 'Calendar') },
  { path: '/audit', page: part(people, 'Audit'), needs: 'READ_AUDIT_LOG' },
  { path: '/settings', page: part(settings, 'Settings') },
  { path: '/settings/company', page: part(settings, 'Company'), needs: 'MANAGE_SETTINGS' },
  { path: '/settings/crm-roles', page: part(settings, 'CrmRoles'), needs: 'MANAGE_SETTINGS' },
  { path: '/settings/crm-roles/:id', page: part(settings, 'CrmRole'), needs: 'MANAGE_SETTINGS' },
  { path: '/settings/integrations', page: part(settings, 'Integrations'), needs: 'MANAGE_INTEGRATIONS' },
  { path: '/directories', page: part(settings, 'Directories'), needs: 'MANAGE_INTEGRATIONS' },
  { path: '/directories/:id', page: part(settings, 'Directory'), needs: 'MANAGE_INTEGRATIONS' },
  { path: '/settings/sign-in', page: part(settings, 'SignInSettings'), needs: 'MANAGE_INTEGRATIONS' },
  { path: '/settings/webhooks', page: part(settings, 'Webhooks'), needs: 'MANAGE_INTEGRATIONS' },
  { path: '/settings/webhooks/:id', page: part(settings, 'Webhook'), needs: 'MANAGE_INTEGRATIONS' },
  { path: '/me', page: part(people, 'Me') },
  { path: '/me/security', page: part(people, 'Security') },
];

/** For people without a session: the token is behind `#`, which is never sent and in no log. */
export const PUBLIC_ROUTES: readonly Route[] = [
  { path: '/sign-in/with', page: part(forGuests, 'SignInWith') },
  { path: '/sign-in/callback', page: part(forGuests, 'SignInCallback') },
  { path: '/invitation', page: part(forGuests, 'Invitation') },
  { path: '/new-password', page: part(forGuests, 'NewPassword') },
];
