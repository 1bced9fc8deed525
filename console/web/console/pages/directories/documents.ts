import { type ResultOf, type VariablesOf, graphql } from '../../graphql';
import { IntegrationParts } from '../settings/integrations';

export const DirectoriesDocument = graphql(`
  query Directories {
    directories {
      id
      name
      baseUrl
      linked
      unlinked
      held
      lastRequestAt
      warnings
      integration {
        id
        warnings
      }
    }
  }
`);

const PolicyParts = graphql(`
  fragment PolicyParts on Directory @_unmask {
    id
    name
    handoverAfterSeconds
    whenDismissedHere
    departmentsByName
    handoverMoves {
      kind
      includeClosed
      to {
        manager
        headOfDepartment
        user {
          id
          name
        }
      }
    }
  }
`);

export type Policy = ResultOf<typeof PolicyParts>;
export type Rule = Policy['handoverMoves'][number];
export type Recipient = Rule['to'][number];

export const DirectoryDocument = graphql(
  `
    query Directory($id: ID!) {
      directories {
        id
      }
      node(id: $id) {
        __typename
        id
        ... on Directory {
          ...PolicyParts
          baseUrl
          linked
          unlinked
          held
          lastRequestAt
          warnings
          ignoredAttributes
          integration {
            ...IntegrationParts
          }
        }
      }
    }
  `,
  [IntegrationParts, PolicyParts],
);

export type DirectoryData = Extract<
  NonNullable<ResultOf<typeof DirectoryDocument>['node']>,
  { __typename: 'Directory' }
>;

const GroupParts = graphql(`
  fragment GroupParts on DirectoryGroup @_unmask {
    id
    displayName
    memberCount
    mappings {
      administrators
      department {
        id
        name
      }
      crmRole {
        id
        name
      }
    }
  }
`);

export type Group = ResultOf<typeof GroupParts>;
export type Mapping = Group['mappings'][number];

export const GroupsDocument = graphql(
  `
    query DirectoryGroups($id: ID!, $first: Int!, $after: String) {
      node(id: $id) {
        __typename
        id
        ... on Directory {
          groups(first: $first, after: $after) {
            totalCount
            pageInfo {
              hasNextPage
              endCursor
            }
            nodes {
              ...GroupParts
            }
          }
        }
      }
    }
  `,
  [GroupParts],
);

/** One group, to be read again after a change. */
export const GroupDocument = graphql(
  `
    query DirectoryGroup($id: ID!) {
      node(id: $id) {
        __typename
        id
        ...GroupParts
      }
    }
  `,
  [GroupParts],
);

export const RefusedDocument = graphql(`
  query RefusedRequests($id: ID!, $first: Int!, $after: String) {
    node(id: $id) {
      __typename
      id
      ... on Directory {
        refusedRequests(first: $first, after: $after) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            at
            method
            path
            status
            detail
            attributes
          }
        }
      }
    }
  }
`);

export const CreateDirectory = graphql(`
  mutation CreateDirectory($input: CreateDirectoryInput!) {
    createDirectory(input: $input) {
      directory {
        id
        name
        baseUrl
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const UpdateDirectory = graphql(
  `
    mutation UpdateDirectory($input: UpdateDirectoryInput!) {
      updateDirectory(input: $input) {
        directory {
          ...PolicyParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [PolicyParts],
);

export const EndDirectory = graphql(`
  mutation EndDirectory($input: EndDirectoryInput!) {
    endDirectory(input: $input) {
      directory {
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

export const ReleaseHandovers = graphql(`
  mutation ReleaseHandovers($input: EndDirectoryInput!) {
    releaseHeldHandovers(input: $input) {
      directory {
        id
        held
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const MapGroup = graphql(`
  mutation MapGroup($input: MapDirectoryGroupInput!) {
    mapDirectoryGroup(input: $input) {
      directory {
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

export type Target = VariablesOf<typeof MapGroup>['input']['to'];

export const PreviewDocument = graphql(`
  query PreviewRequest($directoryId: ID!, $method: String!, $path: String!, $body: String) {
    previewDirectoryRequest(directoryId: $directoryId, method: $method, path: $path, body: $body) {
      status
      body
    }
  }
`);
