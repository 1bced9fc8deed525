// Downloads: a link of one use, as the browser can send no token with a link.

import { graphql } from '../graphql';
import { useAction } from './useAction';

const CreateLink = graphql(`
  mutation CreateLink($input: CreateDownloadLinkInput!) {
    createDownloadLink(input: $input) {
      url
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** Downloads a file, a folder as archive, or a calendar; by id. */
export function useDownload() {
  const { run, pending, problems } = useAction(CreateLink);
  const download = async (itemId: string) => {
    const { url } = (await run({ input: { itemId } })) ?? {};
    if (!url) return;
    const link = document.createElement('a');
    // The page may be open under another name of the same server.
    link.href = new URL(url).pathname;
    link.download = '';
    link.click();
  };
  return { download, pending, problems };
}
