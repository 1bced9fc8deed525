// All that match the filter of a list, for what is done with all of them.

import type { AnyVariables, CombinedError, TypedDocumentNode } from 'urql';
import { makeReader } from '../client';

interface Page<Row> {
  nodes: Row[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** Rows that are read at a time. */
const AT_ONCE = 100;

export type Collected<Row> = { rows: Row[]; error?: undefined } | { rows?: undefined; error: CombinedError | 'tooMany' };

/** Reads all pages of a list whose document takes `$first` and `$after`, unless there are more rows than `most`. */
export async function collect<T, V extends AnyVariables, Row>(
  query: TypedDocumentNode<T, V>,
  variables: object,
  pick: (data: T) => Page<Row>,
  most: number,
): Promise<Collected<Row>> {
  const reader = makeReader();
  const rows: Row[] = [];
  let after: string | null = null;
  for (;;) {
    const asked = { ...variables, first: AT_ONCE, after } as unknown as V;
    const { data, error } = await reader.query(query, asked).toPromise();
    if (!data) return { error: error! };
    const page = pick(data);
    rows.push(...page.nodes);
    if (rows.length > most) return { error: 'tooMany' };
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage || !after) return { rows };
  }
}
