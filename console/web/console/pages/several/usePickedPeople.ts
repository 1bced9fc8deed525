// Everybody who was picked in the list: by their ids, or by its filter.

import { useCallback, useEffect, useState } from 'react';
import { type Client, type CombinedError, useClient } from 'urql';
import type { VariablesOf } from '../../graphql';
import { MOST_DISMISSED, PEOPLE, type PeopleState, readPicked, userFilter } from '../../lib/peopleFilter';
import { useViewer } from '../../viewer';
import { PickedDocument, type PickedPerson } from './queries';

const AT_ONCE = 50;

interface PickedPeople {
  people: PickedPerson[] | undefined;
  error: CombinedError | undefined;
  reload(): void;
}

/** The filter of the list in its address. */
function filterOf(search: string) {
  const { all, ids } = readPicked(search);
  if (!all) return { ids: [...ids] };
  const params = new URLSearchParams(search);
  const values = Object.fromEntries(Object.entries(PEOPLE).map(([name, param]) => [name, param.read(params.get(name))]));
  return userFilter(values as PeopleState);
}

const readPage = (client: Client, variables: VariablesOf<typeof PickedDocument>) =>
  client.query(PickedDocument, variables, { requestPolicy: 'network-only' }).toPromise();

/** Reads all of them: whoever is dismissed has to be seen. */
export function usePickedPeople(search: string): PickedPeople {
  const client = useClient();
  const mayReassign = useViewer().may('REASSIGN_WORK');
  const [state, setState] = useState<Omit<PickedPeople, 'reload'>>({ people: undefined, error: undefined });
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((turn) => turn + 1), []);
  useEffect(() => {
    let current = true;
    const picked = readPicked(search);
    const filter = filterOf(search);
    const read = async () => {
      if (!picked.all && picked.ids.length === 0) return setState({ people: [], error: undefined });
      // By their ids: the cache joins the pages of a list.
      const found = new Map<string, PickedPerson>();
      let after: string | null = null;
      do {
        const page = await readPage(client, { filter, first: AT_ONCE, after, mayReassign });
        if (!current) return;
        if (!page.data) return setState((before) => ({ ...before, error: page.error }));
        const { nodes, pageInfo } = page.data.users;
        for (const person of nodes) found.set(person.id, person);
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      } while (after && found.size < MOST_DISMISSED + picked.ids.length);
      const people = [...found.values()].filter(({ id }) => !picked.all || !picked.ids.includes(id));
      setState({ people, error: undefined });
    };
    void read();
    return () => {
      current = false;
    };
  }, [client, search, mayReassign, turn]);
  return { ...state, reload };
}
