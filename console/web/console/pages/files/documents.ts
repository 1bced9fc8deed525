import { type Enum, type ResultOf, graphql } from '../../graphql';

/** What is above the content of a folder: where it is, whose it is, and who else has access. */
export const FolderDocument = graphql(`
  query Folder($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Folder {
        name
        path
        owner {
          id
          name
        }
        shares {
          access
          user {
            id
            name
            status
          }
        }
        parent {
          ...Above
          parent {
            ...Above
            parent {
              ...Above
              parent {
                ...Above
                parent {
                  ...Above
                  parent {
                    ...Above
                    parent {
                      ...Above
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  fragment Above on Folder @_unmask {
    id
    name
    path
    owner {
      id
      name
    }
  }
`);

export const ItemsDocument = graphql(`
  query FolderItems($id: ID!, $first: Int!, $after: String) {
    node(id: $id) {
      __typename
      id
      ... on Folder {
        items(first: $first, after: $after) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            __typename
            id
            name
            modifiedAt
            owner {
              id
              name
            }
            shares {
              access
              user {
                id
                name
              }
            }
            ... on File {
              size
            }
          }
        }
      }
    }
  }
`);

export const MyDrive = graphql(`
  query MyDrive {
    viewer {
      user {
        id
        drive {
          id
        }
      }
    }
  }
`);

export const CreateFolder = graphql(`
  mutation CreateFolder($input: CreateFolderInput!) {
    createFolder(input: $input) {
      folder {
        id
        name
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const RenameItem = graphql(`
  mutation RenameItem($input: RenameDriveItemInput!) {
    renameDriveItem(input: $input) {
      item {
        id
        name
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const MoveItems = graphql(`
  mutation MoveItems($input: MoveDriveItemsInput!) {
    moveDriveItems(input: $input) {
      items {
        id
        name
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export type FolderHead = Extract<ResultOf<typeof FolderDocument>['node'], { __typename: 'Folder' }>;
export type ShareAccess = Enum<'ShareAccess'>;

type ItemsNode = Extract<ResultOf<typeof ItemsDocument>['node'], { __typename: 'Folder' }>;
export type Item = ItemsNode['items']['nodes'][number];

/** A folder above, with what is above it as far as it was asked for. */
export interface Above {
  id: string;
  name: string;
  path: string;
  owner: { id: string; name: string };
  parent?: Above | null;
}

/** All folders above, the topmost first. */
export function wayDown(folder: { parent?: Above | null }): Above[] {
  const way: Above[] = [];
  for (let at = folder.parent; at; at = at.parent) way.unshift(at);
  return way;
}

export const LEVELS = ['READ', 'ADD', 'EDIT', 'FULL'] as const satisfies readonly ShareAccess[];

/** What the viewer may do in a folder, as far as can be told from what they see of it. */
export function levelOf(folder: FolderHead, viewerId: string, administrator: boolean): ShareAccess {
  const owns = [folder, ...wayDown(folder)].some(({ owner }) => owner.id === viewerId);
  if (administrator || owns) return 'FULL';
  return folder.shares.find(({ user }) => user.id === viewerId)?.access ?? 'READ';
}

export const atLeast = (level: ShareAccess, needed: ShareAccess): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(needed);
