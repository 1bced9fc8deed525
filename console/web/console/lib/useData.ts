// Reading: one object, or a list that is extended page by page.

import { useCallback, useEffect, useRef, useState } from 'react';
import { type AnyVariables, type CombinedError, type TypedDocumentNode, useQuery } from 'urql';
import { listsChanged } from '../cache';
import { useStore } from './listeners';

export interface Data<T> {
  data: T | undefined;
  error: CombinedError | undefined;
  /** Nothing of these variables is there yet. */
  loading: boolean;
  /** What is there is being read again. */
  refreshing: boolean;
  reload(): void;
}

/** Reads a document. What is known is there at once, and is read again; a failed reading is repeated when online. */
export function useData<T, V extends AnyVariables>(
  query: TypedDocumentNode<T, V>,
  variables: V,
  options: { pause?: boolean } = {},
): Data<T> {
  const [result, execute] = useQuery<T, AnyVariables>({ query, variables, pause: options.pause ?? false });
  const { error } = result;
  const reload = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useEffect(() => {
    if (!error?.networkError) return;
    addEventListener('online', reload);
    return () => removeEventListener('online', reload);
  }, [error, reload]);
  // The rows of one filter never stay while those of another are loaded.
  const wanted = JSON.stringify(variables ?? {});
  const fits = !result.operation || JSON.stringify(result.operation.variables ?? {}) === wanted;
  // A failed reading has null.
  const data = (fits ? result.data : undefined) ?? undefined;
  return {
    data,
    error: fits ? error : undefined,
    loading: !data && !(fits && error) && !options.pause,
    refreshing: result.fetching || result.stale,
    reload,
  };
}

interface Connection<Row> {
  totalCount?: number;
  nodes: Row[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface List<Row> extends Omit<Data<unknown>, 'data'> {
  rows: Row[];
  /** Null while it is not known, or not asked for. */
  total: number | null;
  hasMore: boolean;
  loadingMore: boolean;
  more(): void;
}

/** Rows that are loaded at a time, and shown at most. */
export const PAGE = 50;
export const MOST = 500;

/**
 * Reads a list whose document takes `$first` and `$after`. `more` extends it; other variables, or a change of the list by
 * a mutation, start it anew.
 */
export function useList<T, V extends AnyVariables & { after?: string | null }, Row>(
  query: TypedDocumentNode<T, V>,
  variables: Omit<V, 'after' | 'first'>,
  pick: (data: T) => Connection<Row>,
  options: { pause?: boolean } = {},
): List<Row> {
  const changes = useStore(listsChanged);
  const key = `${JSON.stringify(variables)} ${changes}`;
  const [at, setAt] = useState({ key, after: null as string | null });
  const after = at.key === key ? at.after : null;
  const result = useData(query, { ...variables, first: PAGE, after } as unknown as V, options);
  const before = useRef<{ key: string; connection: Connection<Row> }>(undefined);
  const connection = result.data ? pick(result.data) : undefined;
  useEffect(() => {
    if (connection) before.current = { key, connection };
  });
  // While the next page is loaded, the ones before it stay.
  const last = before.current;
  const shown = connection ?? (last?.key === key ? last.connection : undefined);
  const next = shown?.pageInfo.endCursor ?? null;
  return {
    rows: shown?.nodes ?? [],
    total: shown?.totalCount ?? null,
    hasMore: shown?.pageInfo.hasNextPage ?? false,
    error: result.error,
    loading: !shown && result.loading,
    loadingMore: after !== null && result.loading,
    refreshing: result.refreshing,
    reload: result.reload,
    more: () => setAt({ key, after: next }),
  };
}
