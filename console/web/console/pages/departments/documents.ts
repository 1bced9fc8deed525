import { type ResultOf, graphql } from '../../graphql';
import type { InTree } from '../../lib/departments';

export const DepartmentsWithHeads = graphql(`
  query DepartmentsWithHeads($after: String) {
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
        head {
          id
          name
          status
        }
      }
    }
  }
`);

export const SetDepartment = graphql(`
  mutation SetDepartment($input: SetDepartmentInput!) {
    setDepartment(input: $input) {
      department {
        id
        name
        parent {
          id
        }
        head {
          id
          name
          status
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export type Department = ResultOf<typeof DepartmentsWithHeads>['departments']['nodes'][number];
export type Node = InTree<Department>;

/** What fits a search, with everything above it. */
export function fitting(nodes: readonly Node[], search: string): Node[] {
  const wanted = search.trim().toLocaleLowerCase();
  if (!wanted) return [...nodes];
  return nodes.flatMap((node) => {
    const children = fitting(node.children, search);
    const fits = node.name.toLocaleLowerCase().includes(wanted);
    return fits || children.length > 0 ? [{ ...node, children }] : [];
  });
}
