import { type Enum, type ResultOf, graphql } from '../../graphql';

export type WebhookEvent = Enum<'WebhookEvent'>;
export type WebhookOrder = Enum<'WebhookOrder'>;

const WebhookParts = graphql(`
  fragment WebhookParts on Webhook @_unmask {
    id
    url
    events
    order
    state
    failingSince
    disabledAt
    oldSecretUntil
    integration {
      id
      name
    }
  }
`);

export type Webhook = ResultOf<typeof WebhookParts>;

export const WebhooksDocument = graphql(
  `
    query Webhooks {
      webhooks {
        ...WebhookParts
      }
    }
  `,
  [WebhookParts],
);

export const WebhookDocument = graphql(
  `
    query Webhook($id: ID!) {
      node(id: $id) {
        __typename
        id
        ...WebhookParts
      }
    }
  `,
  [WebhookParts],
);

const DeliveryParts = graphql(`
  fragment DeliveryParts on WebhookDelivery @_unmask {
    id
    event
    state
    attempts
    lastStatus
    lastFailure
    createdAt
    nextAttemptAt
  }
`);

export type Delivery = ResultOf<typeof DeliveryParts>;

/** With the state of the webhook: deliveries change it. */
export const DeliveriesDocument = graphql(
  `
    query Deliveries($id: ID!, $state: [WebhookDeliveryState!], $first: Int!, $after: String) {
      node(id: $id) {
        __typename
        id
        ...WebhookParts
        ... on Webhook {
          deliveries(state: $state, first: $first, after: $after) {
            totalCount
            pageInfo {
              hasNextPage
              endCursor
            }
            nodes {
              ...DeliveryParts
            }
          }
        }
      }
    }
  `,
  [WebhookParts, DeliveryParts],
);

/** What is on its way, and what has become of it. */
export const ProgressDocument = graphql(
  `
    query DeliveryProgress($webhookId: ID!, $ids: [ID!]!) {
      webhook: node(id: $webhookId) {
        __typename
        id
        ...WebhookParts
      }
      deliveries: nodes(ids: $ids) {
        __typename
        id
        ...DeliveryParts
      }
    }
  `,
  [WebhookParts, DeliveryParts],
);

export const AttemptsDocument = graphql(
  `
    query DeliveryAttempts($id: ID!) {
      node(id: $id) {
        __typename
        id
        ...DeliveryParts
        ... on WebhookDelivery {
          attemptLog {
            at
            milliseconds
            status
            failure
          }
        }
      }
    }
  `,
  [DeliveryParts],
);

/** The integrations that a webhook can belong to. */
export const ReceiversDocument = graphql(`
  query Receivers {
    integrations {
      id
      name
      scopes
      revokedAt
    }
  }
`);

export const CreateWebhook = graphql(
  `
    mutation CreateWebhook($input: CreateWebhookInput!) {
      createWebhook(input: $input) {
        secret
        webhook {
          ...WebhookParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [WebhookParts],
);

export const UpdateWebhook = graphql(
  `
    mutation UpdateWebhook($input: UpdateWebhookInput!) {
      updateWebhook(input: $input) {
        webhook {
          ...WebhookParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [WebhookParts],
);

export const DeleteWebhook = graphql(`
  mutation DeleteWebhook($input: DeleteWebhookInput!) {
    deleteWebhook(input: $input) {
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const RotateSecret = graphql(
  `
    mutation RotateWebhookSecret($input: RotateWebhookSecretInput!) {
      rotateWebhookSecret(input: $input) {
        secret
        webhook {
          ...WebhookParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [WebhookParts],
);

export const TestWebhook = graphql(`
  mutation TestWebhook($input: TestWebhookInput!) {
    testWebhook(input: $input) {
      webhook {
        id
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const Redeliver = graphql(`
  mutation RedeliverWebhook($input: RedeliverWebhookInput!) {
    redeliverWebhook(input: $input) {
      webhook {
        id
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const isSending = ({ state }: Pick<Webhook, 'state'>) => state === 'ENABLED' || state === 'FAILING';
