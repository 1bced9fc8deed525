import { type ResultOf, graphql } from '../../graphql';

export const HireDocument = graphql(`
  query PersonToHire($id: ID!) {
    user(id: $id) {
      id
      name
      email
      position
      status
      department {
        id
        name
      }
      head {
        id
        name
      }
      dismissal {
        id
        state
        effectiveAt
        reason
        requestedBy {
          id
          name
        }
        handover {
          id
          state
        }
      }
      viewerCan {
        hire {
          code
          message
        }
      }
    }
  }
`);

export type PersonToHire = NonNullable<ResultOf<typeof HireDocument>['user']>;
