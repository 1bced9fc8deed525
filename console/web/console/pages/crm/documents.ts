import { type ResultOf, graphql } from '../../graphql';

export const RecordParts = graphql(`
  fragment RecordParts on CrmItem @_unmask {
    __typename
    id
    externalId
    kind
    title
    stage
    closed
    amount
    currency
    openedToAll
    createdAt
    updatedAt
    responsible {
      id
      name
      status
    }
  }
`);

export type CrmRecord = ResultOf<typeof RecordParts>;

export const RecordsDocument = graphql(`
  query CrmRecords($filter: CrmItemFilter!, $first: Int!, $after: String) {
    crmItems(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        kind
        title
        stage
        closed
        amount
        currency
        updatedAt
        responsible {
          id
          name
          status
        }
      }
    }
  }
`);

export const RecordDocument = graphql(
  `
    query CrmRecord($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on CrmItem {
          ...RecordParts
        }
      }
    }
  `,
  [RecordParts],
);

export const CreateRecord = graphql(
  `
    mutation CreateCrmRecord($input: CreateCrmItemInput!) {
      createCrmItem(input: $input) {
        item {
          ...RecordParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [RecordParts],
);

export const UpdateRecord = graphql(
  `
    mutation UpdateCrmRecord($input: UpdateCrmItemInput!) {
      updateCrmItem(input: $input) {
        item {
          ...RecordParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [RecordParts],
);
