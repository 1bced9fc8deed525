import { type ResultOf, graphql } from '../../graphql';
import { SubjectParts } from '../../kit/Subject';

export const LogDocument = graphql(
  `
    query AuditLog($filter: AuditFilter!, $first: Int!, $after: String) {
      auditLog(filter: $filter, first: $first, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          at
          action
          actor
          data
          actorUser {
            id
            name
          }
          actorIntegration {
            id
            name
          }
          changes {
            field
            before
            after
          }
          subject {
            __typename
            id
            ...SubjectParts
          }
        }
      }
    }
  `,
  [SubjectParts],
);

export type Entry = ResultOf<typeof LogDocument>['auditLog']['nodes'][number];

export const ActionsDocument = graphql(`
  query AuditActions {
    auditActions {
      name
      description
    }
  }
`);

/** The objects whose ids stand in changes. */
export const Mentioned = graphql(
  `
    query Mentioned($ids: [ID!]!) {
      nodes(ids: $ids) {
        id
        ...SubjectParts
      }
    }
  `,
  [SubjectParts],
);
