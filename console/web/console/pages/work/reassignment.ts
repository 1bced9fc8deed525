// Picked items on their way to others: the plan, without those that can't go, and the handover.

import { useEffect, useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { type VariablesOf, type WorkKind, graphql } from '../../graphql';
import type { Selection } from '../../kit/useSelection';
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

export interface Item {
  id: string;
  kind: WorkKind;
}

/** All that match the filter of a list but for some. */
export interface Matching {
  /** The kinds of work in the list. */
  kinds: readonly WorkKind[];
  filter: NonNullable<NonNullable<Input['moves'][number]>['matching']>;
  except: readonly string[];
  /** How many the list has said that it is. */
  count: number;
}

export type Picks = readonly Item[] | Matching;

/** What is picked in a list of these kinds of work. */
export function picksOf(
  { all, ids, count }: Selection,
  kinds: readonly WorkKind[],
  filter: Matching['filter'],
  kindOf: (id: string) => WorkKind | undefined = () => kinds[0],
): Picks {
  if (all) return { kinds, filter, except: [...ids], count };
  return [...ids].flatMap((id) => {
    const kind = kindOf(id);
    return kind ? [{ id, kind }] : [];
  });
}

const isMatching = (picks: Picks): picks is Matching => 'kinds' in picks;

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

function inputOf(picks: Picks, { fromUserId, to, includeClosed, keepAsObserver }: Wish): Input {
  const kinds = isMatching(picks) ? picks.kinds : new Set(picks.map(({ kind }) => kind));
  return {
    fromUserId,
    moves: [...kinds].map((kind) => ({
      kind,
      to: to.length === 1 ? { userId: to[0]! } : { evenlyAmong: [...to] },
      ...(isMatching(picks)
        ? { matching: picks.filter, except: [...picks.except] }
        : { ids: picks.filter((item) => item.kind === kind).map(({ id }) => id) }),
      includeClosed,
      keepAsObserver,
    })),
  };
}

/** The places of what a plan refuses because it is not there to be moved: of items, and of moves without any. */
function missing({ userErrors }: Plan): Set<string> {
  const places = userErrors.flatMap(({ code, field }) => {
    const [list, move, name, place] = field ?? [];
    if (code !== 'NOT_FOUND' || list !== 'moves') return [];
    return name === 'ids' ? [`${move} ${place}`] : name === 'matching' ? [`${move}`] : [];
  });
  return new Set(places);
}

/** How many items a plan is about. */
const covered = ({ lines }: Plan): number =>
  lines.reduce((sum, { movable, leftClosed, unreachable }) => sum + movable + leftClosed + unreachable, 0);

export type Reassignment = ReturnType<typeof useReassignment>;

export function useReassignment() {
  const client = useClient();
  const [agreed, setAgreed] = useState<Agreed>();
  /** The plan that was agreed to, if the work has changed since. */
  const [before, setBefore] = useState<Plan>();
  const [looking, setLooking] = useState(false);
  const [failure, setFailure] = useState<CombinedError>();
  const action = useAction(Reassign);

  /** `count` is how many a filter should select. */
  const read = async (input: Input, leftOut: number, count = 0): Promise<void> => {
    const answer = client.query(PlanDocument, { input }, { requestPolicy: 'network-only' });
    const { data, error } = await answer.toPromise();
    if (!data) return setFailure(error);
    const plan = data.handoverPlan;
    const gone = missing(plan);
    const left = input.moves.flatMap((move, at) => {
      if (!move.ids) return gone.has(`${at}`) ? [] : [move];
      const ids = move.ids.filter((_, place) => !gone.has(`${at} ${place}`));
      return ids.length > 0 ? [{ ...move, ids }] : [];
    });
    const out = leftOut + (count > 0 ? 0 : gone.size);
    // Asked once more without them: a plan with refusals counts nothing.
    if (gone.size > 0 && left.length > 0) return read({ ...input, moves: left }, out, count);
    const counted = plan.userErrors.length === gone.size;
    setAgreed({ plan, input, leftOut: out + (counted ? Math.max(count - covered(plan), 0) : 0) });
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
    async look(picks: Picks, wish: Wish) {
      forget();
      setLooking(true);
      await read(inputOf(picks, wish), 0, isMatching(picks) ? picks.count : 0);
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
