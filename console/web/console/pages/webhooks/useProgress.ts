import { useEffect } from 'react';
import { useClient } from 'urql';
import { type Delivery, ProgressDocument } from './documents';

/** How often deliveries that are due are looked at, in milliseconds; each time half as often. */
const FIRST = 500;
const SLOWEST = 30_000;
/** How many of them are looked at: a receiver that does not answer has many. */
const MOST = 20;

/** Follows the deliveries that are due now; and the state of their webhook, which changes after one of them has. */
export function useProgress(webhookId: string, rows: readonly Delivery[]): void {
  const client = useClient();
  const soon = Date.now() + SLOWEST;
  const due = rows.filter(({ nextAttemptAt }) => nextAttemptAt && Date.parse(nextAttemptAt) < soon).slice(0, MOST);
  const dueIds = due.map(({ id }) => id).join();
  // Begins anew with each attempt.
  const known = rows.map(({ id, attempts, state }) => `${id} ${attempts} ${state}`).join();
  useEffect(() => {
    if (!known) return;
    const variables = { webhookId, ids: dueIds ? dueIds.split(',') : [] };
    let pause = FIRST;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      if (!document.hidden) {
        await client.query(ProgressDocument, variables, { requestPolicy: 'network-only' }).toPromise();
      }
      pause = Math.min(pause * 2, SLOWEST);
      if (!stopped && dueIds) timer = setTimeout(() => void look(), pause);
    };
    timer = setTimeout(() => void look(), pause);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [client, webhookId, dueIds, known]);
}
