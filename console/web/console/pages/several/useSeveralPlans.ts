// The plans of several people, one after another, as one.

import type { Client } from 'urql';
import type { WorkKind } from '../../graphql';
import type { UserError } from '../../lib/errors';
import { PlanDocument } from '../dismiss/queries';
import type { Move } from '../handover/choices';
import type { Plan } from '../handover/plan';
import type { Answer } from '../handover/usePlan';

/** For more people than this no plan is made: it would take too many requests. */
export const MOST_PLANNED = 40;

/** How many are asked for at once. */
const TOGETHER = 4;

export interface SeveralPlan {
  total: number;
  lines: Plan['lines'];
  remaining: Plan['remaining'];
  sessions: number;
  problems: { name: string; refusal: UserError }[];
}

interface Asked {
  client: Client;
  people: readonly { id: string; name: string }[];
  moves: readonly Move[];
  later: string | null;
  onProgress(done: number): void;
}

/** Makes the plan of each, and adds them up. */
export async function planSeveral({ client, people, moves, later, onProgress }: Asked): Promise<Answer<SeveralPlan>> {
  const sum: SeveralPlan = { total: 0, lines: [], remaining: { total: 0, lines: [] }, sessions: 0, problems: [] };
  let done = 0;
  for (let at = 0; at < people.length; at += TOGETHER) {
    const answers = await Promise.all(
      people.slice(at, at + TOGETHER).map(async (person) => {
        const handover = moves.length > 0 ? [...moves] : null;
        const input = { userId: person.id, effectiveAt: later, handover };
        const variables = { input, mayReassign: true };
        const answer = await client.query(PlanDocument, variables, { requestPolicy: 'network-only' }).toPromise();
        onProgress(++done);
        return { person, ...answer };
      }),
    );
    for (const { person, data, error } of answers) {
      if (!data) return { error };
      const { plan, sessionsEnding, userErrors } = data.dismissalPlan;
      sum.sessions += sessionsEnding;
      sum.problems.push(...userErrors.map((refusal) => ({ name: person.name, refusal })));
      if (!plan) continue;
      sum.total += plan.total;
      sum.lines = addLines(sum.lines, plan.lines);
      sum.remaining = addRemaining(sum.remaining, plan.remaining);
    }
  }
  return { plan: sum };
}

function addLines(sum: Plan['lines'], lines: Plan['lines']): Plan['lines'] {
  const all = new Map(sum.map((line) => [`${line.kind} ${line.recipient?.id}`, line]));
  for (const line of lines) {
    const key = `${line.kind} ${line.recipient?.id}`;
    const before = all.get(key);
    all.set(key, {
      ...line,
      movable: line.movable + (before?.movable ?? 0),
      leftClosed: line.leftClosed + (before?.leftClosed ?? 0),
      unreachable: line.unreachable + (before?.unreachable ?? 0),
    });
  }
  return [...all.values()];
}

type Remaining = Plan['remaining'];

export function addRemaining(sum: Remaining, other: Remaining): Remaining {
  const all = new Map<WorkKind, Remaining['lines'][number]>(sum.lines.map((line) => [line.kind, line]));
  for (const line of other.lines) {
    const before = all.get(line.kind);
    all.set(line.kind, {
      ...line,
      open: line.open + (before?.open ?? 0),
      closed: line.closed + (before?.closed ?? 0),
    });
  }
  return { total: sum.total + other.total, lines: [...all.values()] };
}
