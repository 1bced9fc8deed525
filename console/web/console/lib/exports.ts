// Whole lists as files for spreadsheets. The server writes them: a page has only what it has loaded.

import { CombinedError } from 'urql';
import { send } from '../transport';

function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Saves a list, as the API filters it. Returns why not, or nothing. */
export async function saveExport(list: string, filter?: object): Promise<CombinedError | undefined> {
  const query = filter ? `?${new URLSearchParams({ filter: JSON.stringify(filter) })}` : '';
  let response: Response | undefined;
  try {
    response = await send(`/export/${list}.csv${query}`);
    if (!response.ok) return new CombinedError({ graphQLErrors: (await response.json()).errors, response });
    save(`${list}.csv`, await response.blob());
    return undefined;
  } catch (cause) {
    return new CombinedError({ networkError: cause as Error, response });
  }
}
