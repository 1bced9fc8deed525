// One handover, followed while it runs: the shell has the stream of all of them.

import { useEffect } from 'react';
import type { CombinedError } from 'urql';
import { type ResultOf, graphql } from '../../graphql';
import { isOver, useSoon } from '../../lib/handovers';
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

/** How often it is looked what the stream may have missed, in milliseconds. */
const MISSED = 10_000;

export interface Followed {
  handover: Handover | undefined;
  /** It does not exist, or may not be seen. */
  missing: boolean;
  error: CombinedError | undefined;
  reload(): void;
}

/** Reads a handover, and again what the events of it leave out. */
export function useHandover(id: string): Followed {
  const { data, error, reload } = useData(HandoverDocument, { id });
  const found = data?.node?.__typename === 'Handover' ? data.node : undefined;
  const running = found !== undefined && !isOver(found.state);
  const soon = useSoon(reload);
  const done = found && found.moved + found.skipped + found.failed;
  useEffect(() => {
    if (running && done) soon();
  }, [running, done, soon]);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), MISSED);
    return () => clearInterval(timer);
  }, [running, reload]);
  const over = found !== undefined && !running;
  useEffect(() => {
    // The last event may have come before the end was written down in full.
    if (over) reload();
  }, [over, reload]);
  return { handover: found, missing: data !== undefined && !found, error, reload };
}
