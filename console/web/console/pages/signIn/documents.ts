import { type Enum, type ResultOf, graphql } from '../../graphql';

const ProviderParts = graphql(`
  fragment ProviderParts on IdentityProvider @_unmask {
    id
    name
    issuer
    clientId
    hasClientSecret
    redirectUris
    emailDomains
    justInTime
    externalIdClaim
    backchannelLogoutUri
    revocationUri
    directory {
      id
      name
    }
  }
`);

export type Provider = ResultOf<typeof ProviderParts>;
export type PasswordSignIn = Enum<'PasswordSignIn'>;

export const ProvidersDocument = graphql(
  `
    query IdentityProviders {
      identityProviders {
        ...ProviderParts
      }
    }
  `,
  [ProviderParts],
);

/** The directories that a provider can belong to. */
export const ChoiceDocument = graphql(`
  query DirectoryChoice {
    directories {
      id
      name
    }
  }
`);

export const CreateProvider = graphql(
  `
    mutation CreateIdentityProvider($input: CreateIdentityProviderInput!) {
      createIdentityProvider(input: $input) {
        provider {
          ...ProviderParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [ProviderParts],
);

export const UpdateProvider = graphql(
  `
    mutation UpdateIdentityProvider($input: UpdateIdentityProviderInput!) {
      updateIdentityProvider(input: $input) {
        provider {
          ...ProviderParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [ProviderParts],
);

export const RetireProvider = graphql(`
  mutation RetireIdentityProvider($input: RetireIdentityProviderInput!) {
    retireIdentityProvider(input: $input) {
      provider {
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

export const PasswordsDocument = graphql(`
  query PasswordSettings {
    settings {
      passwordSignIn
      revision
      breakGlass {
        id
        name
        status
      }
    }
  }
`);

export const UpdatePasswords = graphql(`
  mutation UpdatePasswords($input: UpdateSettingsInput!) {
    updateSettings(input: $input) {
      settings {
        revision
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);
