import { useEffect } from 'react';
import { useSubscription } from 'urql';
import { Link } from 'wouter';
import { type Enum, graphql } from '../graphql';
import { Progress } from '../kit/Progress';
import { isOver, useSoon } from '../lib/handovers';
import { useData } from '../lib/useData';
import { useTexts } from '../texts';

const RunningDocument = graphql(`
  query Running {
    handovers(first: 1, filter: { state: [QUEUED, RUNNING] }) {
      totalCount
      nodes {
        id
        state
        progress
      }
    }
  }
`);

/** Besides the bar, it keeps every page that shows a handover up to date. */
const HandoversChanged = graphql(`
  subscription HandoversChanged {
    handoversChanged {
      id
      state
      progress
      moved
      skipped
      failed
      total
    }
  }
`);

type States = Readonly<Record<string, Enum<'HandoverState'>>>;

/** How often it is looked whether an end was missed while the stream was interrupted, in milliseconds. */
const MISSED = 30_000;

/** A thin bar while work is handed over. */
export function Running() {
  const { shell } = useTexts();
  const { data, reload } = useData(RunningDocument, {});
  const [{ data: states }] = useSubscription(
    { query: HandoversChanged },
    (before: States = {}, { handoversChanged: { id, state } }): States =>
      before[id] === state ? before : { ...before, [id]: state },
  );
  const countAnew = useSoon(reload);
  useEffect(() => {
    if (states) countAnew();
  }, [states, countAnew]);
  const newest = data?.handovers.nodes[0];
  const running = newest !== undefined && !isOver(newest.state);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), MISSED);
    return () => clearInterval(timer);
  }, [running, reload]);
  if (!data || !running) return null;
  const words = shell.running(data.handovers.totalCount);
  return (
    <Link href={`/handovers/${newest.id}`} className="running">
      <Progress label={shell.progress} share={newest.progress} />
      {words}
    </Link>
  );
}
