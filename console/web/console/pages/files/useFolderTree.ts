import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import { type ResultOf, graphql } from '../../graphql';

const Roots = graphql(`
  query FolderRoots {
    viewer {
      user {
        id
        drive {
          id
        }
      }
      sharedFolders(first: 100) {
        nodes {
          __typename
          id
          name
        }
      }
    }
  }
`);

const Below = graphql(`
  query FoldersBelow($id: ID!, $after: String) {
    node(id: $id) {
      __typename
      id
      ... on Folder {
        items(first: 100, after: $after) {
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            __typename
            id
            name
          }
        }
      }
    }
  }
`);

export interface TreeFolder {
  id: string;
  name: string;
  /** Unknown until it is opened. */
  children?: TreeFolder[];
}

/** Pages that are read of one folder, to find the folders in it. */
const MOST_PAGES = 20;

/** Folders to choose one of: the viewer's drive, the drive that is looked at, and what is shared with the viewer. */
export function useFolderTree(mine: string, here: { id: string; name: string }) {
  const client = useClient();
  const [roots, setRoots] = useState<TreeFolder[]>();
  const [below, setBelow] = useState<ReadonlyMap<string, TreeFolder[]>>(new Map());
  const [failed, setFailed] = useState(false);
  const asked = useRef(new Set<string>());

  const load = useCallback(
    async (id: string) => {
      if (asked.current.has(id)) return;
      asked.current.add(id);
      const found: TreeFolder[] = [];
      let after: string | null = null;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const variables: { id: string; after: string | null } = { id, after };
        const answer = await client.query(Below, variables, { requestPolicy: 'network-only' }).toPromise();
        const node: ResultOf<typeof Below>['node'] | undefined = answer.data?.node;
        const items = node?.__typename === 'Folder' ? node.items : undefined;
        if (!items) {
          asked.current.delete(id);
          setFailed(true);
          return;
        }
        setFailed(false);
        const { nodes, pageInfo } = items;
        const known = new Set(found.map((folder) => folder.id));
        found.push(...nodes.filter((node) => node.__typename === 'Folder' && !known.has(node.id)));
        if (!pageInfo.hasNextPage) break;
        after = pageInfo.endCursor;
      }
      setBelow((before) => new Map(before).set(id, found));
    },
    [client],
  );

  useEffect(() => {
    let current = true;
    void client
      .query(Roots, {}, { requestPolicy: 'network-only' })
      .toPromise()
      .then(({ data }) => {
        if (!current) return;
        if (!data) {
          setFailed(true);
          return;
        }
        const drive = data.viewer.user?.drive?.id;
        const shared = data.viewer.sharedFolders.nodes.filter((node) => node.__typename === 'Folder');
        const all = [...(drive ? [{ id: drive, name: mine }] : []), here, ...shared];
        setRoots(all.filter((one, at) => all.findIndex(({ id }) => id === one.id) === at));
      });
    return () => {
      current = false;
    };
    // The names are those of the page that is open.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [client, here.id]);

  const withChildren = (folder: TreeFolder): TreeFolder => {
    const children = below.get(folder.id);
    return children ? { ...folder, children: children.map(withChildren) } : folder;
  };
  return { roots: roots?.map(withChildren), load, failed };
}
