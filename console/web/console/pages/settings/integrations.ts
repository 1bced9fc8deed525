import { type ResultOf, graphql } from '../../graphql';

export const IntegrationParts = graphql(`
  fragment IntegrationParts on Integration @_unmask {
    id
    name
    revokedAt
    lastUsedAt
    expiresAt
    scopes
    warnings
    owner {
      id
      name
      status
    }
    secrets {
      id
      kind
      hint
      createdAt
      expiresAt
      lastUsedAt
      revokedAt
      knownToLeaver
      shownTo {
        id
        name
      }
    }
  }
`);

export const IntegrationsDocument = graphql(
  `
    query Integrations {
      integrations {
        ...IntegrationParts
      }
    }
  `,
  [IntegrationParts],
);

export const CreateIntegration = graphql(`
  mutation CreateIntegration($input: CreateIntegrationInput!) {
    createIntegration(input: $input) {
      token
      integration {
        id
        name
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const AddSecret = graphql(`
  mutation AddSecret($input: AddIntegrationSecretInput!) {
    addIntegrationSecret(input: $input) {
      value
      secret {
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

export const RevokeSecret = graphql(`
  mutation RevokeSecret($input: RevokeIntegrationSecretInput!) {
    revokeIntegrationSecret(input: $input) {
      integration {
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

export const RevokeIntegration = graphql(`
  mutation RevokeIntegration($input: RevokeIntegrationInput!) {
    revokeIntegration(input: $input) {
      integration {
        id
        revokedAt
      }
      schedulesPassed {
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

export type Integration = ResultOf<typeof IntegrationParts>;
export type Secret = Integration['secrets'][number];

/** The most secrets that an integration can have at a time. */
export const MOST_SECRETS = 5;

export const isActive = ({ revokedAt, expiresAt }: Pick<Secret, 'revokedAt' | 'expiresAt'>, now = Date.now()) =>
  revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now);
