// What the page knows of the API's objects: each object once, by its id, whichever query or event it came with.

import { type Cache, type CacheExchangeOpts, type UpdateResolver, cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import type { TypeOf } from './graphql';
import { store } from './lib/listeners';

/** Types without id: parts of the object that they were read with. */
const PARTS = [
  'AuditAction',
  'CrmRule',
  'DirectoryAnswer',
  'DirectoryGroupMapping',
  'DirectoryMove',
  'DirectoryPerson',
  'DirectoryRecipient',
  'DismissalPlan',
  'FieldChange',
  'HandoverLine',
  'HandoverPlan',
  'HandoverPlanLine',
  'ReturnPlan',
  'ReturnPlanLine',
  'SearchHit',
  'Settings',
  'Share',
  'UnreachableWork',
  'UserAbilities',
  'UserError',
  'Viewer',
  'WebhookAttempt',
  'WorkInventory',
  'WorkLine',
  'WorkOverviewRow',
];

/** The types behind the interfaces of the schema. Without them, the cache guesses which fragment is about which type. */
const NODES: Record<TypeOf<'Node'>, true> = {
  AuditEntry: true,
  Calendar: true,
  Change: true,
  CrmActivity: true,
  CrmItem: true,
  CrmRole: true,
  Department: true,
  Directory: true,
  DirectoryGroup: true,
  Dismissal: true,
  Event: true,
  File: true,
  Folder: true,
  Handover: true,
  HandoverEntry: true,
  Identity: true,
  IdentityProvider: true,
  Integration: true,
  IntegrationSecret: true,
  RefusedRequest: true,
  Session: true,
  Task: true,
  TaskTemplate: true,
  User: true,
  Webhook: true,
  WebhookDelivery: true,
};
const DRIVE_ITEMS: Record<TypeOf<'DriveItem'>, true> = { File: true, Folder: true };

/** Lists whose pages are joined as they are loaded. */
const LISTS: Record<string, string[]> = {
  Query: [
    'auditLog',
    'crmActivities',
    'crmItems',
    'departments',
    'dismissals',
    'handovers',
    'heldItems',
    'taskTemplates',
    'tasks',
    'users',
  ],
  Calendar: ['events'],
  CrmItem: ['activities'],
  Directory: ['groups', 'refusedRequests'],
  Folder: ['items'],
  Handover: ['entries'],
  Viewer: ['sharedFolders'],
  Webhook: ['deliveries'],
};

const PEOPLE = ['users', 'dismissals', 'departments', 'workOverview', 'handovers'];
const WORK = ['handovers', 'heldItems', 'workOverview', 'tasks', 'taskTemplates', 'crmItems', 'crmActivities'];

/** The lists that a mutation makes out of date, besides the audit log. */
const CHANGES: Record<string, string[]> = {
  acceptInvitation: PEOPLE,
  bulkReassign: WORK,
  cancelDismissal: PEOPLE,
  cancelHandover: WORK,
  createCalendar: ['heldItems'],
  createCrmActivity: ['crmActivities', 'workOverview'],
  createCrmItem: ['crmItems', 'workOverview'],
  createDirectory: ['directories'],
  createIdentityProvider: ['identityProviders'],
  createIntegration: ['integrations', 'workOverview'],
  createTask: ['tasks', 'workOverview'],
  createTaskTemplate: ['taskTemplates', 'workOverview'],
  createWebhook: ['webhooks'],
  deleteWebhook: ['webhooks'],
  dismissUser: [...PEOPLE, ...WORK],
  dismissUsers: [...PEOPLE, ...WORK],
  endDirectory: ['directories'],
  hireUser: [...PEOPLE, ...WORK],
  inviteUser: PEOPLE,
  linkIdentity: [],
  linkToDirectory: ['directories'],
  mapDirectoryGroup: [...PEOPLE, 'crmRoles'],
  releaseHeldHandovers: ['handovers'],
  renewInvitation: PEOPLE,
  retireIdentityProvider: ['identityProviders'],
  retryHandover: WORK,
  addIntegrationSecret: ['integrations'],
  revokeIntegration: ['integrations', 'webhooks'],
  revokeIntegrationSecret: ['integrations'],
  rotateWebhookSecret: [],
  setCrmRole: ['crmRoles'],
  setDepartment: ['departments'],
  undoHandover: WORK,
  updateCrmActivity: ['crmActivities', 'workOverview'],
  updateCrmItem: ['crmItems', 'workOverview'],
  updateTask: ['tasks', 'workOverview'],
  unlinkIdentity: [],
  updateIdentityProvider: [],
  unlinkFromDirectory: ['directories'],
  updateTaskTemplate: ['taskTemplates', 'workOverview'],
  updateUser: PEOPLE,
  withdrawInvitation: PEOPLE,
};

/** Counts the changes that lists had to be read anew for: they start at their first page then. */
export const listsChanged = store(0);

function forget(cache: Cache, names: readonly string[]): void {
  for (const { fieldName, fieldKey } of cache.inspectFields('Query')) {
    if (names.includes(fieldName)) cache.invalidate('Query', fieldKey);
  }
  // Not while the cache is being written.
  queueMicrotask(() => listsChanged.set(listsChanged.get() + 1));
}

/** Lists of an object that mutations make out of date, by its type. */
const OBJECT_CHANGES: Record<string, Record<string, string[]>> = {
  Calendar: { events: ['createEvent', 'updateEvent'] },
  Folder: { items: ['createFolder', 'moveDriveItems', 'renameDriveItem', 'shareFolder', 'unshareFolder'] },
  Handover: { entries: ['cancelHandover', 'retryHandover'] },
  User: {
    calendars: ['createCalendar'],
    favoriteCalendars: ['addFavoriteCalendar', 'removeFavoriteCalendar'],
  },
  Webhook: { deliveries: ['redeliverWebhook', 'testWebhook', 'updateWebhook'] },
};

/** What mutations make out of date. The cache does not tell which objects it has: their lists are noted as they come. */
function outdating(): NonNullable<CacheExchangeOpts['updates']> {
  const noted = new Map<string, Set<string>>();
  const updates: Record<string, Record<string, UpdateResolver>> = {};
  const Mutation: Record<string, UpdateResolver> = {};
  const changes: Record<string, string[]> = { ...CHANGES };
  for (const [type, fields] of Object.entries(OBJECT_CHANGES)) {
    updates[type] = {};
    for (const [field, mutations] of Object.entries(fields)) {
      const place = `${type}.${field}`;
      const objects = new Set<string>();
      noted.set(place, objects);
      updates[type][field] = (_result, args, cache, { parentKey }) => {
        objects.add(parentKey);
        if (args['after']) return;
        // The list is read from its beginning: the pages after it may have moved.
        for (const { fieldName, fieldKey, arguments: paging } of cache.inspectFields(parentKey)) {
          if (fieldName === field && paging?.['after']) cache.invalidate(parentKey, fieldKey);
        }
      };
      for (const mutation of mutations) changes[mutation] = [...(changes[mutation] ?? []), place];
    }
  }
  for (const [mutation, lists] of Object.entries(changes)) {
    Mutation[mutation] = (_result, _args, cache) => {
      for (const place of lists) {
        const field = place.split('.')[1];
        for (const key of noted.get(place) ?? []) {
          for (const { fieldName, fieldKey } of cache.inspectFields(key)) {
            if (fieldName === field) cache.invalidate(key, fieldKey);
          }
        }
      }
      forget(cache, [...lists, 'auditLog']);
    };
  }
  return { ...updates, Mutation };
}

const resolvers: NonNullable<CacheExchangeOpts['resolvers']> = Object.fromEntries(
  Object.entries(LISTS).map(([type, fields]) => [
    type,
    Object.fromEntries(fields.map((field) => [field, relayPagination()])),
  ]),
);

export const cache = () =>
  cacheExchange({
    keys: Object.fromEntries(PARTS.map((type) => [type, () => null])),
    possibleTypes: { Node: Object.keys(NODES), DriveItem: Object.keys(DRIVE_ITEMS) },
    resolvers,
    updates: outdating(),
  });
