import { useEffect } from 'react';
import { useClient } from 'urql';
import { type Delivery, ProgressDocument } from './documents';

/** How often deliveries that are due are looked at, in milliseconds; each time half as often. */
const FIRST = 500;
const SLOWEST = 30_000;
/** How many of them are looked at: a receiver that does not answer has many. */
const MOST = 20;

/** Follows the deliveries that are due now, and with them the state of their webhook. */
export function useProgress(webhookId: string, rows: readonly Delivery[]): void {
  const client = useClient();
  const soon = Date.now() + SLOWEST;
  const due = rows.filter(({ nextAttemptAt }) => nextAttemptAt && Date.parse(nextAttemptAt) < soon).slice(0, MOST);
  // Begins anew with each attempt.
  const key = due.map(({ id, attempts }) => `${id} ${attempts}`).join();
  useEffect(() => {
    if (!key) return;
    const ids = key.split(',').map((one) => one.split(' ')[0]!);
    const variables = { webhookId, ids };
    let pause = FIRST;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      if (!document.hidden) {
        await client.query(ProgressDocument, variables, { requestPolicy: 'network-only' }).toPromise();
      }
      pause = Math.min(pause * 2, SLOWEST);
      if (!stopped) timer = setTimeout(() => void look(), pause);
    };
    let stopped = false;
    timer = setTimeout(() => void look(), pause);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [client, webhookId, key]);
}
