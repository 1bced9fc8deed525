import { type ResultOf, graphql } from '../../graphql';

export const ActivityParts = graphql(`
  fragment ActivityParts on CrmActivity @_unmask {
    __typename
    id
    kind
    subject
    completed
    deadline
    responsible {
      id
      name
      status
    }
    item {
      id
      title
    }
  }
`);

export type Activity = ResultOf<typeof ActivityParts>;

export const ActivitiesDocument = graphql(
  `
    query CrmActivities($filter: CrmActivityFilter!, $first: Int!, $after: String) {
      crmActivities(filter: $filter, first: $first, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...ActivityParts
        }
      }
    }
  `,
  [ActivityParts],
);

export const ActivityDocument = graphql(
  `
    query CrmActivity($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on CrmActivity {
          ...ActivityParts
        }
      }
    }
  `,
  [ActivityParts],
);

export const CreateActivity = graphql(
  `
    mutation CreateCrmActivity($input: CreateCrmActivityInput!) {
      createCrmActivity(input: $input) {
        activity {
          ...ActivityParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [ActivityParts],
);

export const UpdateActivity = graphql(
  `
    mutation UpdateCrmActivity($input: UpdateCrmActivityInput!) {
      updateCrmActivity(input: $input) {
        activity {
          ...ActivityParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [ActivityParts],
);
