import type { Enum, Permission, UserStatus, WorkKind } from '../../graphql';

// A value that is added to the schema and has no words here does not compile.

const workKind: Record<WorkKind, string> = {
  TASK_RESPONSIBLE: 'Tasks to do',
  TASK_CREATOR: 'Tasks set by them',
  TASK_PARTICIPANT: 'Tasks they assist in',
  TASK_OBSERVER: 'Tasks they follow',
  TASK_TEMPLATE: 'Recurring tasks',
  CRM_LEAD: 'Leads',
  CRM_DEAL: 'Deals',
  CRM_CONTACT: 'Contacts',
  CRM_COMPANY: 'Companies',
  CRM_QUOTE: 'Quotes',
  CRM_INVOICE: 'Invoices',
  CRM_ACTIVITY: 'CRM activities',
  DRIVE: 'Files and folders',
  CALENDAR: 'Calendars',
  EVENT_ORGANIZER: 'Events they organise',
  DEPARTMENT_HEAD: 'Departments they lead',
  INTEGRATION: 'Integrations',
};
const userStatus: Record<UserStatus, string> = { ACTIVE: 'Works here', INVITED: 'Invited', DISMISSED: 'Dismissed' };
const role: Record<Enum<'Role'>, string> = { ADMINISTRATOR: 'Administrator', EMPLOYEE: 'Employee' };
const permission: Record<Permission, string> = {
  DISMISS_USERS: 'Dismiss people',
  HIRE_USERS: 'Hire dismissed people back',
  REASSIGN_WORK: 'Hand over work',
  MANAGE_USERS: 'Invite and change people, manage departments',
  MANAGE_SETTINGS: 'Change the company settings',
  MANAGE_INTEGRATIONS: 'Manage integrations',
  READ_AUDIT_LOG: 'Read the audit log',
  SEE_DISMISSED_USERS: 'See dismissed people',
  READ_WORK: 'Read the work of everybody',
  READ_FILES: 'Download the files of everybody',
  PROVISION_PEOPLE: 'Provision people and groups by SCIM',
  READ_EVENTS: 'Receive what changes',
};
const dismissalState: Record<Enum<'DismissalState'>, string> = {
  SCHEDULED: 'Scheduled',
  IN_FORCE: 'In effect',
  CANCELLED: 'Called off',
  ENDED: 'Ended',
};
const handoverState: Record<Enum<'HandoverState'>, string> = {
  QUEUED: 'Waiting',
  RUNNING: 'Under way',
  SUCCEEDED: 'Done',
  PARTIAL: 'Partly failed',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};
const handoverOutcome: Record<Enum<'HandoverOutcome'>, string> = {
  MOVED: 'Moved',
  SKIPPED: 'Left where it is',
  FAILED: 'Failed',
};
/** Reasons in the ledger of a handover; the schema has them as text. */
const ledgerReason = {
  RECIPIENT_NOT_ACTIVE: 'The recipient does not work here any more.',
  REFUSED_BY_DATABASE: 'The database refused it.',
  THEIRS_ALREADY: 'It was theirs already.',
  MOVED_ON: 'It has moved on to somebody else.',
  ALREADY_THERE: 'The recipient had this part already.',
  STAYS: 'It stays with the recipient, who had it before.',
  KEPT_AS_OBSERVER: 'The former holder stays as observer.',
  NO_LONGER_OBSERVER: 'The former holder is no observer any more.',
  CREATOR: 'Moved as its creator.',
  RESPONSIBLE: 'Moved as the person responsible.',
  CREATOR_AND_RESPONSIBLE: 'Moved as its creator and as the person responsible.',
};
const taskStatus: Record<Enum<'TaskStatus'>, string> = {
  PENDING: 'Not started',
  IN_PROGRESS: 'In progress',
  AWAITING_CONTROL: 'Waiting for approval',
  DEFERRED: 'Deferred',
  COMPLETED: 'Completed',
  DECLINED: 'Declined',
};
const taskRole: Record<Enum<'TaskRole'>, string> = {
  RESPONSIBLE: 'Responsible',
  CREATOR: 'Creator',
  PARTICIPANT: 'Participant',
  OBSERVER: 'Observer',
};
const crmKind: Record<Enum<'CrmKind'>, string> = {
  LEAD: 'Lead',
  DEAL: 'Deal',
  CONTACT: 'Contact',
  COMPANY: 'Company',
  QUOTE: 'Quote',
  INVOICE: 'Invoice',
};
const crmKinds: Record<Enum<'CrmKind'>, string> = {
  LEAD: 'Leads',
  DEAL: 'Deals',
  CONTACT: 'Contacts',
  COMPANY: 'Companies',
  QUOTE: 'Quotes',
  INVOICE: 'Invoices',
};
const crmActivityKind: Record<Enum<'CrmActivityKind'>, string> = {
  CALL: 'Call',
  MEETING: 'Meeting',
  EMAIL: 'E-mail',
  TODO: 'To-do',
};
const crmOperation: Record<Enum<'CrmOperation'>, string> = {
  READ: 'Read',
  ADD: 'Add',
  UPDATE: 'Change',
  DELETE: 'Delete',
  EXPORT: 'Export',
  IMPORT: 'Import',
};
const crmLevel: Record<Enum<'CrmLevel'>, string> = {
  NONE: 'None',
  OWN: 'Own',
  DEPARTMENT: 'Own department',
  DEPARTMENT_TREE: 'Department and below',
  OPEN: 'Department and open ones',
  ALL: 'All',
};
const crmAudience: Record<Enum<'CrmAudience'>, string> = {
  NAMED: 'Named people and departments',
  ADMINISTRATORS: 'All administrators, and named people',
  EVERYBODY: 'Everybody',
};
const shareAccess: Record<Enum<'ShareAccess'>, string> = {
  READ: 'View and download',
  ADD: 'Add',
  EDIT: 'Rename and move',
  FULL: 'Share with others',
};
const secretKind: Record<Enum<'IntegrationSecretKind'>, string> = {
  TOKEN: 'Token',
  CLIENT_SECRET: 'Client secret',
  PUBLIC_KEY: 'Public key',
};
const whenDismissedHere: Record<Enum<'WhenDismissedHere'>, string> = {
  STANDS: 'They stay dismissed',
  DIRECTORY_DECIDES: 'They are hired back',
};
const webhookEvent: Record<Enum<'WebhookEvent'>, string> = {
  USER_CREATED: 'A person was created',
  USER_INVITED: 'A person was invited',
  USER_INVITATION_ACCEPTED: 'A person accepted the invitation',
  USER_UPDATED: 'A person was changed',
  USER_DISMISSED: 'A person was dismissed',
  USER_HIRED: 'A person was hired back',
  DISMISSAL_SCHEDULED: 'A dismissal was scheduled',
  DISMISSAL_CANCELLED: 'A scheduled dismissal was called off',
  DISMISSAL_FAILED: 'A scheduled dismissal failed',
  HANDOVER_QUEUED: 'A handover or an undo was queued',
  HANDOVER_FINISHED: 'A handover finished',
  HANDOVER_CANCELLED: 'A handover was cancelled',
  HANDOVER_RETRIED: 'Failed items of a handover were queued again',
  HANDOVER_REFUSED: 'The handover of a scheduled dismissal was refused',
  DEPARTMENT_CREATED: 'A department was created',
  DEPARTMENT_UPDATED: 'A department was changed',
  INTEGRATION_CREATED: 'An integration was created',
  INTEGRATION_REVOKED: 'An integration was revoked',
  INTEGRATION_EXPIRING: 'A secret of an integration expires soon',
  WEBHOOK_FAILING: 'Another webhook has failed for a day',
  WEBHOOK_DISABLED: 'Another webhook was disabled',
  DIRECTORY_REFUSED: 'A rule refused a change of a person by a directory',
  DIRECTORY_MASS_DISMISSAL: 'A directory dismissed unusually many people',
  DIRECTORY_ACTIVATION_IGNORED: 'A directory activated a person who stays dismissed',
  SETTINGS_UPDATED: 'The settings were changed',
  KEYS_ROTATED: 'The signing keys were rotated',
  SESSION_ENDED: 'A session was ended',
  SESSION_REFRESH_TOKEN_REUSED: 'A refresh token was used twice',
  PING: 'Ping',
};
const webhookState: Record<Enum<'WebhookState'>, string> = {
  ENABLED: 'Enabled',
  FAILING: 'Failing',
  DISABLED: 'Disabled',
  GONE: 'Gone',
};
const webhookDeliveryState: Record<Enum<'WebhookDeliveryState'>, string> = {
  PENDING: 'Waiting',
  DELIVERED: 'Delivered',
  FAILED: 'Failed',
  HELD: 'Held',
};
/** Why an attempt failed; `STATUS` and `REDIRECT` have the status beside them. */
const webhookFailure: Record<Enum<'WebhookFailure'>, string> = {
  DNS: 'The host name could not be resolved',
  BLOCKED_ADDRESS: 'The address is not allowed',
  CONNECT: 'No connection, or it was closed before the answer',
  TLS: 'No trusted TLS connection',
  TIMEOUT: 'No answer within 15 seconds',
  STATUS: 'Status other than 2xx',
  REDIRECT: 'Redirects are not followed',
};
const webhookOrder: Record<Enum<'WebhookOrder'>, string> = { BEST_EFFORT: 'Best effort', IN_ORDER: 'In order' };
const identityLink: Record<Enum<'IdentityLink'>, string> = {
  THEMSELVES: 'By the person',
  DIRECTORY: 'By the directory',
  EMAIL: 'By the e-mail address',
  JUST_IN_TIME: 'Created at the first sign-in',
};
const passwordSignIn: Record<Enum<'PasswordSignIn'>, string> = {
  EVERYBODY: 'Everybody',
  ADMINISTRATORS: 'Administrators',
  NOBODY: 'Nobody but the break-glass accounts',
};
const userOrder: Record<Enum<'UserOrderField'>, string> = {
  NAME: 'Name',
  EMAIL: 'E-mail',
  HIRED_ON: 'First day',
  DISMISSED_AT: 'Day of dismissal',
};

export const enums = {
  crmActivityKind,
  crmAudience,
  crmKind,
  crmKinds,
  crmLevel,
  crmOperation,
  dismissalState,
  handoverOutcome,
  handoverState,
  identityLink,
  ledgerReason,
  passwordSignIn,
  permission,
  role,
  secretKind,
  shareAccess,
  taskRole,
  taskStatus,
  userOrder,
  userStatus,
  webhookDeliveryState,
  webhookEvent,
  webhookFailure,
  webhookOrder,
  webhookState,
  whenDismissedHere,
  workKind,
};
