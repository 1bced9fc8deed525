import { useEffect } from 'react';
import { Link } from 'wouter';
import { graphql } from '../graphql';
import { Progress } from '../kit/Progress';
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

/** How often it is looked whether a handover runs, and how far it is, in milliseconds. */
const IDLE = 30_000;
const BUSY = 3_000;

/** A thin bar while work is handed over. It asks from time to time: the streams are for the pages. */
export function Running() {
  const { shell } = useTexts();
  const { data, reload } = useData(RunningDocument, {});
  const newest = data?.handovers.nodes[0];
  const every = newest ? BUSY : IDLE;
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), every);
    return () => clearInterval(timer);
  }, [every, reload]);
  if (!data || !newest) return null;
  const words = shell.running(data.handovers.totalCount);
  return (
    <Link href={`/handovers/${newest.id}`} className="running">
      <Progress label={shell.progress} share={newest.progress} />
      {words}
    </Link>
  );
}
