import { DataTable } from '../../kit/DataTable';
import { Panel } from '../../kit/Page';
import { useList } from '../../lib/useData';
import { useSay, useTexts } from '../../texts';
import { RefusedDocument } from './documents';

const NONE = { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

/** What the directory asked for in vain. */
export function RefusedRequests({ directoryId }: { directoryId: string }) {
  const { common, directories: words } = useTexts();
  const say = useSay();
  const list = useList(RefusedDocument, { id: directoryId }, ({ node }) =>
    node?.__typename === 'Directory' ? node.refusedRequests : NONE,
  );
  return (
    <Panel title={words.refused}>
      <DataTable
        label={words.refused}
        list={list}
        count={words.countRefused}
        keyOf={({ id }) => id}
        empty={words.noRefused}
        head={{
          label: words.request,
          cell: ({ method, path }) => (
            <code>
              {method} {path}
            </code>
          ),
        }}
        columns={[
          { id: 'at', label: words.at, cell: ({ at }) => say.dateTime(at) },
          { id: 'status', label: common.status, numeric: true, cell: ({ status }) => status },
          { id: 'why', label: words.why, cell: ({ detail }) => detail },
          { id: 'attributes', label: words.attributes, cell: ({ attributes }) => attributes.join(', ') },
        ]}
      />
    </Panel>
  );
}
