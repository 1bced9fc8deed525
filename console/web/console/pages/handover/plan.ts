// The preview of a handover, as all flows show it.

import { type ResultOf, type WorkKind, graphql } from '../../graphql';
import type { UserError } from '../../lib/errors';
import type { Move } from './choices';

export const PlanParts = graphql(`
  fragment PlanParts on HandoverPlan @_unmask {
    revision
    total
    lines {
      kind
      movable
      leftClosed
      unreachable
      recipient {
        id
        name
      }
    }
    remaining {
      total
      lines {
        kind
        open
        closed
      }
    }
    unreachable {
      kind
      count
      needs {
        kind
        operation
        level
      }
      sample {
        id
        ... on CrmItem {
          title
        }
      }
    }
    userErrors {
      code
      message
      field
    }
  }
`);

export type Plan = ResultOf<typeof PlanParts>;

export interface Difference {
  kind: WorkKind;
  recipient: string | null;
  before: number;
  after: number;
}

/** What is different between a plan that was agreed to and the one of now. */
export function differences(before: Plan, after: Plan): Difference[] {
  const found = new Map<string, Difference>();
  const add = (plan: Plan, side: 'before' | 'after') => {
    for (const { kind, recipient, movable } of plan.lines) {
      const key = `${kind} ${recipient?.id ?? ''}`;
      const line = found.get(key) ?? { kind, recipient: recipient?.name ?? null, before: 0, after: 0 };
      found.set(key, { ...line, [side]: line[side] + movable });
    }
  };
  add(before, 'before');
  add(after, 'after');
  return [...found.values()].filter((line) => line.before !== line.after);
}

/** The kind of work that a refusal is about, by the place of its move. */
export function kindOf({ field }: Pick<UserError, 'field'>, moves: readonly Move[]): WorkKind | undefined {
  const place = field?.findIndex((part) => part === 'handover' || part === 'moves') ?? -1;
  return place < 0 ? undefined : moves[Number(field?.[place + 1])]?.kind;
}
