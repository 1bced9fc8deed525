import { type ResultOf, graphql } from '../../graphql';

export const PickedDocument = graphql(`
  query PickedPeople($filter: UserFilter!, $first: Int!, $after: String, $mayReassign: Boolean!) {
    users(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        email
        position
        status
        viewerCan {
          dismiss {
            code
            message
          }
        }
        head {
          id
          name
        }
        dismissal {
          id
          state
          effectiveAt
          handover @include(if: $mayReassign) {
            id
            state
            progress
            moved
            failed
            total
          }
        }
        work @include(if: $mayReassign) {
          total
          lines {
            kind
            open
            closed
          }
        }
      }
    }
  }
`);

export type PickedPerson = ResultOf<typeof PickedDocument>['users']['nodes'][number];

export const DismissSeveralDocument = graphql(`
  mutation DismissUsers($input: DismissUsersInput!) {
    dismissUsers(input: $input) {
      dismissals {
        id
        state
        effectiveAt
        user {
          id
          status
          dismissed
          dismissal {
            id
          }
        }
      }
      schedulesPassed {
        id
        user {
          id
          name
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const HandoversDocument = graphql(`
  query HandoversOfSeveral($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on Handover {
        state
        progress
        moved
        failed
        total
      }
    }
  }
`);
