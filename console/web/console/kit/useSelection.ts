// Which rows of a list are picked: single ones, or all that match the filter but for some.

import { useCallback, useMemo, useRef, useState } from 'react';

export interface Selection {
  /** Number of picked rows, for words. */
  count: number;
  /** All that match, also those that are not loaded. */
  all: boolean;
  /** The picked ones, or with `all` the ones that are not. */
  ids: ReadonlySet<string>;
  has(id: string): boolean;
  /** With `range`, all rows between the last one and this one. */
  toggle(id: string, picked: boolean, range: boolean): void;
  toggleShown(picked: boolean): void;
  selectAll(): void;
  clear(): void;
  /** Of the rows that are shown: all, or some. */
  allShown: boolean;
  someShown: boolean;
}

interface State {
  key: string;
  all: boolean;
  ids: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** `key` is the filter: another one begins without a selection. `shown` are the loaded rows, `total` all that match. */
export function useSelection(key: string, shown: readonly string[], total: number | null): Selection {
  const [state, setState] = useState<State>({ key, all: false, ids: NONE });
  const now = state.key === key ? state : { key, all: false, ids: NONE };
  const last = useRef<string>(undefined);
  const has = useCallback((id: string) => now.ids.has(id) !== now.all, [now]);

  const pick = (ids: readonly string[], picked: boolean) => {
    const next = new Set(now.ids);
    // With `all`, the set has those that are taken out.
    for (const id of ids) picked !== now.all ? next.add(id) : next.delete(id);
    setState({ ...now, ids: next });
  };
  const picked = useMemo(() => shown.filter(has).length, [shown, has]);
  return {
    all: now.all,
    ids: now.ids,
    count: now.all ? Math.max((total ?? shown.length) - now.ids.size, 0) : now.ids.size,
    has,
    toggle(id, picked, range) {
      const from = range && last.current ? shown.indexOf(last.current) : -1;
      const to = shown.indexOf(id);
      last.current = id;
      pick(from < 0 ? [id] : shown.slice(Math.min(from, to), Math.max(from, to) + 1), picked);
    },
    toggleShown: (picked) => (picked ? pick(shown, true) : setState({ key, all: false, ids: NONE })),
    selectAll: () => setState({ key, all: true, ids: NONE }),
    clear: () => setState({ key, all: false, ids: NONE }),
    allShown: shown.length > 0 && picked === shown.length,
    someShown: picked > 0 && picked < shown.length,
  };
}
