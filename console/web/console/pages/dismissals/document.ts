import { type ResultOf, type VariablesOf, graphql } from '../../graphql';

export const DismissalsDocument = graphql(`
  query Dismissals($filter: DismissalFilter!, $first: Int!, $after: String) {
    dismissals(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        state
        effectiveAt
        reason
        failure
        user {
          id
          name
          position
        }
        requestedBy {
          id
          name
        }
        handover {
          id
          state
        }
      }
    }
  }
`);

/** How many there are behind each filter. */
export const DismissalCounts = graphql(`
  query DismissalCounts(
    $scheduled: DismissalFilter!
    $force: DismissalFilter!
    $failed: DismissalFilter!
    $calledOff: DismissalFilter!
  ) {
    scheduled: dismissals(first: 1, filter: $scheduled) {
      totalCount
    }
    force: dismissals(first: 1, filter: $force) {
      totalCount
    }
    failed: dismissals(first: 1, filter: $failed) {
      totalCount
    }
    calledOff: dismissals(first: 1, filter: $calledOff) {
      totalCount
    }
  }
`);

export type DismissalRow = ResultOf<typeof DismissalsDocument>['dismissals']['nodes'][number];
export type Show = 'scheduled' | 'force' | 'failed' | 'called-off' | 'all';
type Filter = VariablesOf<typeof DismissalsDocument>['filter'];

/** What failed is a state of its own here: called off by nobody, or in effect with work that stayed. */
export const FILTERS: Record<Show, Filter> = {
  scheduled: { state: ['SCHEDULED'] },
  force: { state: ['IN_FORCE'] },
  failed: { failed: true },
  'called-off': { state: ['CANCELLED'], failed: false },
  all: {},
};
