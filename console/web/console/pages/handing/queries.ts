import { type ResultOf, graphql } from '../../graphql';
import { PlanParts } from '../handover/plan';

export const HolderDocument = graphql(`
  query Holder($id: ID!) {
    user(id: $id) {
      id
      status
      viewerCan {
        handOver {
          code
          message
        }
      }
      head {
        id
        name
      }
      work {
        total
        lines {
          kind
          open
          closed
        }
      }
    }
  }
`);

export type Holder = NonNullable<ResultOf<typeof HolderDocument>['user']>;

export const PlanDocument = graphql(
  `
    query HandoverPlan($input: BulkReassignInput!) {
      handoverPlan(input: $input) {
        ...PlanParts
      }
    }
  `,
  [PlanParts],
);

export const ReassignDocument = graphql(`
  mutation HandOver($input: BulkReassignInput!) {
    bulkReassign(input: $input) {
      handover {
        id
        state
        progress
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** The newest handovers of somebody's work: to find out whether a handover has begun whose answer was lost. */
export const BegunDocument = graphql(`
  query HandoversBegun($userId: ID!) {
    handovers(first: 5, filter: { fromUserId: $userId }) {
      nodes {
        id
        requestedBy {
          id
        }
      }
    }
  }
`);
