// Picked items on their way to others: the plan, without those that can't go, and the handover.

import { useEffect, useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { type VariablesOf, type WorkKind, graphql } from '../../graphql';
import type { Collected } from '../../lib/collect';
import { useAction } from '../../lib/useAction';
import { type Plan, PlanParts } from '../handover/plan';

const PlanDocument = graphql(
  `
    query ReassignPlan($input: BulkReassignInput!) {
      handoverPlan(input: $input) {
        ...PlanParts
      }
    }
  `,
  [PlanParts],
);

const Reassign = graphql(`
  mutation Reassign($input: BulkReassignInput!) {
    bulkReassign(input: $input) {
      handover {
        id
        state
        progress
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

type Input = VariablesOf<typeof Reassign>['input'];

/** The most items that one move can list. */
export const MOST_PICKED = 5_000;

export interface Item {
  id: string;
  kind: WorkKind;
}

export interface Wish {
  fromUserId: string | null;
  to: readonly string[];
  includeClosed: boolean;
  keepAsObserver: boolean;
}

export interface Agreed {
  plan: Plan;
  input: Input;
  /** Items that nobody holds in this way, or somebody else does. */
  leftOut: number;
}

function inputOf(items: readonly Item[], { fromUserId, to, includeClosed, keepAsObserver }: Wish): Input {
  const kinds = [...new Set(items.map(({ kind }) => kind))];
  return {
    fromUserId,
    moves: kinds.map((kind) => ({
      kind,
      to: to.length === 1 ? { userId: to[0]! } : { evenlyAmong: [...to] },
      ids: items.filter((item) => item.kind === kind).map(({ id }) => id),
      includeClosed,
      keepAsObserver,
    })),
  };
}

/** The items that a plan refuses because they are not there to be moved. */
function missing({ userErrors }: Plan, { moves }: Input): Set<string> {
  const ids = userErrors.flatMap(({ code, field }) => {
    const [list, move, name, place] = field ?? [];
    if (code !== 'NOT_FOUND' || list !== 'moves' || name !== 'ids') return [];
    const id = moves[Number(move)]?.ids?.[Number(place)];
    return id ? [`${moves[Number(move)]!.kind} ${id}`] : [];
  });
  return new Set(ids);
}

export type Reassignment = ReturnType<typeof useReassignment>;

export function useReassignment() {
  const client = useClient();
  const [agreed, setAgreed] = useState<Agreed>();
  /** The plan that was agreed to, if the work has changed since. */
  const [before, setBefore] = useState<Plan>();
  const [looking, setLooking] = useState(false);
  const [failure, setFailure] = useState<CombinedError | 'tooMany'>();
  const action = useAction(Reassign);

  const read = async (input: Input, leftOut: number): Promise<void> => {
    const answer = client.query(PlanDocument, { input }, { requestPolicy: 'network-only' });
    const { data, error } = await answer.toPromise();
    if (!data) return setFailure(error);
    const plan = data.handoverPlan;
    const gone = missing(plan, input);
    const left = input.moves.flatMap((move) => {
      const ids = move.ids?.filter((id) => !gone.has(`${move.kind} ${id}`)) ?? [];
      return ids.length > 0 ? [{ ...move, ids }] : [];
    });
    // Asked once more without them: a plan with refusals counts nothing.
    if (gone.size > 0 && left.length > 0) return read({ ...input, moves: left }, leftOut + gone.size);
    setAgreed({ plan, input, leftOut: leftOut + gone.size });
  };

  const changed = action.refusals.some(({ code }) => code === 'PLAN_CHANGED');
  useEffect(() => {
    if (!changed || !agreed) return;
    setBefore(agreed.plan);
    action.reset();
    void read(agreed.input, agreed.leftOut);
  }, [changed]);

  const forget = () => {
    setBefore(undefined);
    setFailure(undefined);
    action.reset();
  };
  return {
    agreed,
    before,
    looking,
    failure,
    problems: action.problems,
    pending: action.pending,
    async look(items: () => Promise<Collected<Item>>, wish: Wish) {
      forget();
      setLooking(true);
      const { rows, error } = await items();
      if (rows) await read(inputOf(rows, wish), 0);
      else setFailure(error);
      setLooking(false);
    },
    /** Agrees to the plan as it is now. */
    take: () => setBefore(undefined),
    /** Leaves out the kinds that are out of reach. */
    async without(kinds: readonly WorkKind[]) {
      if (!agreed) return;
      const moves = agreed.input.moves.filter(({ kind }) => !kinds.includes(kind));
      await read({ ...agreed.input, moves }, agreed.leftOut);
    },
    /** Begins the handover; returns its id. */
    async confirm(): Promise<string | undefined> {
      if (!agreed) return undefined;
      const done = await action.run({ input: { ...agreed.input, expectedRevision: agreed.plan.revision } });
      return done?.handover?.id;
    },
    back() {
      setAgreed(undefined);
      forget();
    },
  };
}
