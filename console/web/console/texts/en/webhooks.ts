import type { Enum } from '../../graphql';
import type { Say } from '../say';

/** The first word of an event: what it is about. One without words here does not compile. */
export type Subject = Enum<'WebhookEvent'> extends infer Event
  ? Event extends `${infer First}_${string}`
    ? First
    : never
  : never;

const subjects: Record<Subject, string> = {
  USER: 'People',
  DISMISSAL: 'Scheduled dismissals',
  HANDOVER: 'Handovers',
  DEPARTMENT: 'Departments',
  INTEGRATION: 'Integrations',
  WEBHOOK: 'Webhooks',
  DIRECTORY: 'Directories',
  SETTINGS: 'Settings',
  KEYS: 'Signing keys',
  SESSION: 'Sessions',
};
const orders: Record<Enum<'WebhookOrder'>, string> = {
  BEST_EFFORT: 'Up to four requests at a time. A failed delivery delays no other.',
  IN_ORDER: 'One request at a time. The next event is sent when the one before is delivered or given up.',
};

/** Webhooks: URLs that changes are sent to. */
export const webhooks = (say: Say) => ({
  title: 'Webhooks',
  one: 'Webhook',
  text: 'A webhook sends changes to a URL of another system as signed requests (Standard Webhooks).',
  count: (count: number) => say.plural(count, { one: '# webhook', other: '# webhooks' }),
  nothing: 'There are no webhooks: nothing is sent to other systems.',
  url: 'URL',
  urlHint: 'An https address that answers with a 2xx status within 15 seconds.',
  events: 'Events',
  countEvents: (count: number) => say.plural(count, { one: '# event', other: '# events' }),
  allEvents: 'All events',
  allOf: (subject: string) => `${subject}: all`,
  eventsMissing: 'Choose at least one event.',
  subjects,
  order: 'Order',
  orders,
  integration: 'Integration',
  integrationHint:
    'Only integrations with the permission to receive what changes. Its permissions limit the events, and when it is revoked, the webhook is disabled.',
  noIntegration: 'None: the webhook belongs to the company',
  ofCompany: 'The company',
  since: (time: string) => `since ${time}`,

  create: 'New webhook',
  secret: 'Secret',
  secretOf: (host: string) => `Secret of the webhook to ${host}`,
  newSecretOf: (host: string) => `New secret of the webhook to ${host}`,
  secretText: 'The receiver verifies each request with it, by a library of Standard Webhooks.',
  edit: 'Edit…',
  editTitle: (host: string) => `Edit the webhook to ${host}`,

  failing: (time: string) => `Every attempt has failed since ${time}`,
  failingText: 'After five days without a success the webhook is disabled.',
  disabled: (time: string) => `Disabled since ${time}`,
  disabledText: 'Nothing is sent. What happens meanwhile is held for thirty days.',
  gone: (time: string) => `The receiver has answered 410 Gone, and is disabled since ${time}`,
  failedSince: 'Failing since',

  disable: 'Disable…',
  disableTitle: (host: string) => `Disable the webhook to ${host}?`,
  disableText: 'Nothing more is sent. What happens meanwhile is held for thirty days, and can be sent later.',
  disableNow: 'Disable',
  wasDisabled: 'The webhook was disabled.',
  enable: 'Enable…',
  enableTitle: (host: string) => `Enable the webhook to ${host}`,
  enableNow: 'Enable',
  wasEnabled: 'The webhook was enabled.',
  held: 'What was held',
  heldAll: 'Send everything that was held',
  heldSince: 'Send what was held since a time',
  heldNone: 'Send nothing of it',
  heldNoneHint: 'It goes on with what happens from now on. What was held stays in the deliveries.',
  sinceField: 'Since',
  untilField: 'Until',
  untilHint: 'Leave it empty for all until now.',

  signing: 'Signature',
  signingText: 'Every request is signed with the secret of this webhook.',
  oldSecretUntil: (time: string) => `Until ${time} it is signed with the secret before the last rotation too.`,
  rotate: 'Rotate the secret…',
  rotateTitle: (host: string) => `Rotate the secret of the webhook to ${host}`,
  rotateText:
    'The new secret is shown once. For a time requests are signed with both, so that the receiver can change over.',
  hours: 'Keep the old secret for (hours)',
  hoursHint: 'From 0 to 168. With 0, the old secret ends at once.',
  hoursWrong: 'Enter a whole number from 0 to 168.',
  rotateNow: 'Rotate',

  test: 'Send a test…',
  testTitle: (host: string) => `Send a test to ${host}`,
  testText: 'The event is about the webhook itself, and marked as a test.',
  event: 'Event',
  send: 'Send',
  testSent: 'The test is on its way: see the deliveries.',

  remove: 'Delete…',
  removeTitle: (host: string) => `Delete the webhook to ${host}?`,
  removeText: 'Nothing more is sent, and that can’t be taken back. The secret and what is held are lost.',
  removeNow: 'Delete',
  removed: (host: string) => `The webhook to ${host} was deleted.`,

  deliveries: 'Deliveries',
  countDeliveries: (count: number) => say.plural(count, { one: '# delivery', other: '# deliveries' }),
  noDeliveries: 'Nothing was sent in the last thirty days.',
  state: 'State',
  anyState: 'All',
  created: 'Created',
  nextAttempt: (time: string) => `next attempt ${time}`,
  attempts: 'Attempts',
  result: 'Last result',
  deliveryId: 'ID of the delivery',
  noAttempts: 'There was no attempt yet.',
  statusOf: (status: number) => `Status ${status}`,
  time: 'Time',
  took: 'Duration',
  milliseconds: (count: number) => `${say.number(count)} ms`,
  outcome: 'Result',
  redeliver: 'Redeliver',
  redeliverOne: (event: string, time: string) => `Redeliver: ${event}, ${time}`,
  redeliverSome: 'Redeliver those of a time…',
  redeliverTitle: 'Redeliver those of a time',
  redeliverText: 'Whatever became of them. Receivers recognize what they have had by its webhook-id.',
  sinceMissing: 'Enter since when.',
  redelivering: 'They are sent again.',
  redeliveringOne: 'It is sent again.',
});
