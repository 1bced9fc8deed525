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
    settings {
      companyName
      timeZone
    }
  }
`);

type Answer = ResultOf<typeof ViewerDocument>;

export interface Viewer {
  user: NonNullable<Answer['viewer']['user']>;
  company: Answer['settings'];
  /** Controls are shown by this; the server checks each operation itself. */
  may(permission: Permission): boolean;
}

export const viewerOf = ({ viewer: { user, permissions }, settings }: Answer): Viewer | undefined =>
  user ? { user, company: settings, may: (permission) => permissions.includes(permission) } : undefined;

const Context = createContext<Viewer | undefined>(undefined);

export const ViewerProvider = Context.Provider;

export function useViewer(): Viewer {
  const viewer = useContext(Context);
  if (!viewer) throw new Error('only within the shell');
  return viewer;
}

/** The name of the company; nothing before somebody has signed in. */
export const useCompanyName = (): string | null => useContext(Context)?.company.companyName ?? null;
