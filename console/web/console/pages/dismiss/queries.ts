import { type ResultOf, graphql } from '../../graphql';
import { PlanParts } from '../handover/plan';

/** What the head of the page shows: known from the list that one comes from. */
export const HeadDocument = graphql(`
  query LeaverHead($id: ID!) {
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
    }
  }
`);

export const LeaverDocument = graphql(`
  query Leaver($id: ID!, $mayReassign: Boolean!) {
    user(id: $id) {
      id
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
        reason
        failure
        requestedBy {
          id
          name
        }
        requestedByIntegration {
          id
          name
        }
        handover @include(if: $mayReassign) {
          id
        }
      }
      dismissals {
        id
        state
        effectiveAt
        failure
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
`);

export type Head = NonNullable<ResultOf<typeof HeadDocument>['user']>;
export type Leaver = NonNullable<ResultOf<typeof LeaverDocument>['user']>;
export type DismissalOf = NonNullable<Leaver['dismissal']>;

export const PlanDocument = graphql(
  `
    query DismissalPlan($input: DismissUserInput!, $mayReassign: Boolean!) {
      dismissalPlan(input: $input) {
        sessionsEnding
        secretsStopping {
          id
          kind
          hint
          integration {
            id
            name
          }
        }
        schedulesPassing {
          id
          user {
            id
            name
          }
        }
        plan @include(if: $mayReassign) {
          ...PlanParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [PlanParts],
);

export type DismissalPlan = ResultOf<typeof PlanDocument>['dismissalPlan'];

export const DismissDocument = graphql(`
  mutation DismissUser($input: DismissUserInput!, $mayReassign: Boolean!) {
    dismissUser(input: $input) {
      user {
        id
        status
        dismissed
        dismissal {
          id
          state
          effectiveAt
          reason
          failure
          requestedBy {
            id
            name
          }
          requestedByIntegration {
            id
            name
          }
          handover @include(if: $mayReassign) {
            id
          }
        }
      }
      changed
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

/** What has become of a dismissal whose answer was lost. */
export const OutcomeDocument = graphql(`
  query DismissalOutcome($id: ID!) {
    user(id: $id) {
      id
      status
      dismissed
      dismissal {
        id
        state
        effectiveAt
        requestedBy {
          id
        }
      }
    }
  }
`);
