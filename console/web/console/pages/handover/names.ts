// The names of people whose ids are in a draft: known since they were picked, or read after a reload.

import { useMemo, useState } from 'react';
import { graphql } from '../../graphql';
import type { Picked } from '../../kit/PersonPicker';
import { useData } from '../../lib/useData';

const Names = graphql(`
  query Names($ids: [ID!]) {
    users(filter: { ids: $ids }, first: 100) {
      nodes {
        id
        name
      }
    }
  }
`);

export interface People {
  of(ids: readonly string[]): Picked[];
  /** Remembers those who were picked. */
  learn(people: readonly Picked[]): void;
}

export function useNames(ids: readonly string[]): People {
  const [known, setKnown] = useState<ReadonlyMap<string, string>>(new Map());
  const missing = ids.filter((id) => !known.has(id)).slice(0, 100);
  const { data } = useData(Names, { ids: missing }, { pause: missing.length === 0 });
  return useMemo(() => {
    const read = new Map(data?.users.nodes.map(({ id, name }) => [id, name]));
    return {
      of: (ids) => ids.map((id) => ({ id, name: known.get(id) ?? read.get(id) ?? '…' })),
      learn: (people) => setKnown((before) => new Map([...before, ...people.map(({ id, name }) => [id, name] as const)])),
    };
  }, [known, data]);
}
