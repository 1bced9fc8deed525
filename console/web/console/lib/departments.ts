// All departments, as a tree.

import { useEffect, useMemo, useState } from 'react';
import type { CombinedError, TypedDocumentNode } from 'urql';
import { type ResultOf, graphql } from '../graphql';
import { useData } from './useData';

const DepartmentsDocument = graphql(`
  query Departments($after: String) {
    departments(first: 100, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name
        memberCount
        parent {
          id
        }
      }
    }
  }
`);

type Department = ResultOf<typeof DepartmentsDocument>['departments']['nodes'][number];

export type InTree<One> = One & { children: InTree<One>[] };
export type DepartmentNode = InTree<Department>;

interface Answer<One> {
  departments: { nodes: One[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

export interface DepartmentTree<One> {
  roots: InTree<One>[];
  byId: ReadonlyMap<string, InTree<One>>;
  loading: boolean;
  error: CombinedError | undefined;
  reload(): void;
}

/** Reads all pages of a list of departments: a tree with a page missing would have holes. */
export function useDepartmentTree<One extends { id: string; parent: { id: string } | null }>(
  document: TypedDocumentNode<Answer<One>, { after?: string | null }>,
): DepartmentTree<One> {
  const [after, setAfter] = useState<string | null>(null);
  const { data, error, loading, reload } = useData(document, { after });
  const next = data?.departments.pageInfo;
  useEffect(() => {
    if (next?.hasNextPage) setAfter(next.endCursor);
  }, [next]);
  const whole = data !== undefined && !next?.hasNextPage;
  const { roots, byId } = useMemo(() => {
    const byId = new Map<string, InTree<One>>();
    const roots: InTree<One>[] = [];
    if (whole) {
      for (const one of data.departments.nodes) byId.set(one.id, { ...one, children: [] });
      for (const node of byId.values()) {
        const siblings = node.parent ? byId.get(node.parent.id)?.children : roots;
        (siblings ?? roots).push(node);
      }
    }
    return { roots, byId };
  }, [data, whole]);
  return { roots, byId, loading: !error && (loading || !whole), error, reload };
}

export const useDepartments = (): DepartmentTree<Department> => useDepartmentTree(DepartmentsDocument);
