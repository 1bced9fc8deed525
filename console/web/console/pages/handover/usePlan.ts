// A plan that is agreed to: it stays as it was shown until another one is taken.

import { useCallback, useEffect, useRef, useState } from 'react';
import type { CombinedError } from 'urql';
import { useOnline } from '../../shell/Banners';

export interface Planning<P> {
  /** The plan that is shown, and confirmed. */
  agreed: P | undefined;
  /** One of now that differs. */
  newer: P | undefined;
  error: CombinedError | undefined;
  drawing: boolean;
  /** Makes the first plan, or compares with the one of now. */
  draw(): Promise<void>;
  take(): void;
}

export interface Answer<P> {
  plan?: P | undefined;
  error?: CombinedError | undefined;
}

/**
 * Asks for the plan when the step is entered, when the choices change (`key`), and when the connection is back. `same`
 * says whether one can be confirmed in place of the other.
 */
export function usePlan<P>(
  key: string,
  ask: () => Promise<Answer<P>>,
  same: (one: P, other: P) => boolean,
): Planning<P> {
  const [shown, setShown] = useState<{ key: string; plan: P }>();
  const [newer, setNewer] = useState<P>();
  const agreed = shown?.key === key ? shown.plan : undefined;
  const [error, setError] = useState<CombinedError>();
  const [drawing, setDrawing] = useState(true);
  const online = useOnline();
  // The newest of everything, whenever the answer comes.
  const now = useRef({ ask, same, agreed, key, turn: 0 });
  Object.assign(now.current, { ask, same, agreed, key });

  const draw = useCallback(async () => {
    const turn = ++now.current.turn;
    setDrawing(true);
    setError(undefined);
    const { plan, error } = await now.current.ask();
    if (turn !== now.current.turn) return;
    setDrawing(false);
    setError(error);
    if (!plan) return;
    const before = now.current.agreed;
    if (before && !now.current.same(before, plan)) setNewer(plan);
    else setShown({ key: now.current.key, plan });
  }, []);
  useEffect(() => {
    setNewer(undefined);
    if (online) void draw();
  }, [online, key, draw]);
  const take = () => {
    if (newer) setShown({ key, plan: newer });
    setNewer(undefined);
  };
  return { agreed, newer, error, drawing, draw, take };
}
