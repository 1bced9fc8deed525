import { type ResultOf, graphql } from '../../graphql';
import { SubjectParts } from '../../kit/Subject';

export const LedgerDocument = graphql(
  `
    query Ledger($id: ID!, $kind: WorkKind, $outcome: HandoverOutcome, $first: Int!, $after: String) {
      node(id: $id) {
        __typename
        id
        ... on Handover {
          entries(kind: $kind, outcome: $outcome, first: $first, after: $after) {
            totalCount
            pageInfo {
              hasNextPage
              endCursor
            }
            nodes {
              id
              kind
              outcome
              reason
              at
              subject {
                id
                ...SubjectParts
              }
              from {
                id
                name
              }
              to {
                id
                name
              }
            }
          }
        }
      }
    }
  `,
  [SubjectParts],
);

export type LedgerAnswer = ResultOf<typeof LedgerDocument>;
type Node = NonNullable<LedgerAnswer['node']>;
type Entries = Extract<Node, { __typename: 'Handover' }>['entries'];
export type LedgerEntry = Entries['nodes'][number];

const NONE: Entries = { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

export const entriesOf = ({ node }: LedgerAnswer): Entries => (node?.__typename === 'Handover' ? node.entries : NONE);
