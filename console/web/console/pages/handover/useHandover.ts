// One handover, followed while it runs.

import { useEffect } from 'react';
import { type CombinedError, useSubscription } from 'urql';
import { type Enum, type ResultOf, graphql } from '../../graphql';
import { useData } from '../../lib/useData';

export const HandoverParts = graphql(`
  fragment HandoverParts on Handover @_unmask {
    id
    state
    createdAt
    finishedAt
    moved
    skipped
    failed
    total
    progress
    undoable
    from {
      id
      name
    }
    lines {
      kind
      moved
      skipped
      failed
      recipient {
        id
        name
      }
    }
    undoes {
      id
    }
    undoneBy {
      id
    }
  }
`);

export type Handover = ResultOf<typeof HandoverParts>;

const HandoverDocument = graphql(
  `
    query HandoverProgressOf($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Handover {
          ...HandoverParts
        }
      }
    }
  `,
  [HandoverParts],
);

const Progress = graphql(
  `
    subscription HandoverProgress($id: ID!) {
      handoverProgress(id: $id) {
        ...HandoverParts
      }
    }
  `,
  [HandoverParts],
);

export const isOver = (state: Enum<'HandoverState'>): boolean => state !== 'QUEUED' && state !== 'RUNNING';

export interface Followed {
  handover: Handover | undefined;
  /** It does not exist, or may not be seen. */
  missing: boolean;
  error: CombinedError | undefined;
  /** The stream is broken; it is tried again. */
  waiting: boolean;
  reload(): void;
}

/** Reads a handover; its events reach every place that shows it. */
export function useHandover(id: string): Followed {
  const { data, error, reload } = useData(HandoverDocument, { id });
  const found = data?.node?.__typename === 'Handover' ? data.node : undefined;
  const running = found !== undefined && !isOver(found.state);
  const [{ error: broken }] = useSubscription({ query: Progress, variables: { id }, pause: !running });
  const over = found !== undefined && !running;
  useEffect(() => {
    // The last event may have come before the end was written down in full.
    if (over) reload();
  }, [over, reload]);
  return { handover: found, missing: data !== undefined && !found, error, waiting: running && broken !== undefined, reload };
}
