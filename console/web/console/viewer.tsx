// Who uses the page, and what they may do.

import { createContext, useContext } from 'react';
import { type Permission, type ResultOf, graphql } from './graphql';

export const ViewerDocument = graphql(`
  query Viewer {
    viewer {
      user {
        id
        name
        email
        status
      }
      permissions
    }
  }
`);

type Answer = ResultOf<typeof ViewerDocument>['viewer'];

export interface Viewer {
  user: NonNullable<Answer['user']>;
  /** Controls are shown by this; the server checks each operation itself. */
  may(permission: Permission): boolean;
}

export const viewerOf = (answer: Answer): Viewer | undefined =>
  answer.user ? { user: answer.user, may: (permission) => answer.permissions.includes(permission) } : undefined;

const Context = createContext<Viewer | undefined>(undefined);

export const ViewerProvider = Context.Provider;

export function useViewer(): Viewer {
  const viewer = useContext(Context);
  if (!viewer) throw new Error('only within the shell');
  return viewer;
}
