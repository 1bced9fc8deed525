// All departments, as a tree.

import { useEffect, useMemo, useState } from 'react';
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

export interface DepartmentNode extends Department {
  children: DepartmentNode[];
}

/** Reads all pages: a tree with a page missing would have holes. */
export function useDepartments(): { roots: DepartmentNode[]; byId: ReadonlyMap<string, DepartmentNode>; loading: boolean } {
  const [after, setAfter] = useState<string | null>(null);
  const { data, loading } = useData(DepartmentsDocument, { after });
  const next = data?.departments.pageInfo;
  useEffect(() => {
    if (next?.hasNextPage) setAfter(next.endCursor);
  }, [next]);
  const whole = data !== undefined && !next?.hasNextPage;
  const { roots, byId } = useMemo(() => {
    const byId = new Map<string, DepartmentNode>();
    const roots: DepartmentNode[] = [];
    if (whole) {
      for (const one of data.departments.nodes) byId.set(one.id, { ...one, children: [] });
      for (const node of byId.values()) {
        const siblings = node.parent ? byId.get(node.parent.id)?.children : roots;
        (siblings ?? roots).push(node);
      }
    }
    return { roots, byId };
  }, [data, whole]);
  return { roots, byId, loading: loading || !whole };
}
