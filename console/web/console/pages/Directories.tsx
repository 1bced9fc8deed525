import { useState } from 'react';
import { Link } from 'wouter';
import { copied } from '../lib/copy';
import { useData } from '../lib/useData';
import { Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Table } from '../kit/DataTable';
import { Page } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { tell } from '../kit/Status';
import { Tag } from '../kit/Tag';
import { useSay, useTexts } from '../texts';
import { Connect } from './directories/Connect';
import { DirectoriesDocument } from './directories/documents';
import { SettingsTabs } from './settings/SettingsTabs';

export default function Directories() {
  const { common, directories: words } = useTexts();
  const say = useSay();
  const { data, error, loading, reload } = useData(DirectoriesDocument, {});
  const [connecting, setConnecting] = useState(false);
  const rows = data?.directories ?? [];
  const copy = async (url: string) => tell((await copied(url)) ? common.copied : common.copyFailed);
  return (
    <Page
      title={words.title}
      actions={
        <Button look="primary" onPress={() => setConnecting(true)}>
          {words.connect}
        </Button>
      }
    >
      <SettingsTabs />
      <p className="note">{words.text}</p>
      <div className="list">
        <p role="status" className="count">
          {data ? words.count(rows.length) : ''}
        </p>
        {error && <Failure error={error} onRetry={reload} />}
        {loading && <Skeleton />}
        {rows.length > 0 && (
          <Table
            label={words.title}
            rows={rows}
            keyOf={({ id }) => id}
            head={{ label: common.name, cell: ({ id, name }) => <Link href={`/directories/${id}`}>{name}</Link> }}
            columns={[
              {
                id: 'url',
                label: words.baseUrl,
                cell: ({ name, baseUrl }) => (
                  <span className="tags">
                    <code>{baseUrl}</code>
                    <Button look="link" aria-label={words.copyBaseUrl(name)} onPress={() => void copy(baseUrl)}>
                      {common.copy}
                    </Button>
                  </span>
                ),
              },
              { id: 'linked', label: words.linked, numeric: true, cell: ({ linked }) => say.number(linked) },
              { id: 'unlinked', label: words.unlinked, numeric: true, cell: ({ unlinked }) => say.number(unlinked) },
              {
                id: 'held',
                label: words.held,
                numeric: true,
                cell: ({ held }) => (held > 0 ? <Tag tone="warn">{say.number(held)}</Tag> : say.number(held)),
              },
              {
                id: 'last',
                label: words.lastRequest,
                cell: ({ lastRequestAt }) => (lastRequestAt ? say.ago(lastRequestAt) : words.never),
              },
              {
                id: 'warnings',
                label: words.warnings,
                cell: ({ warnings, integration }) => {
                  const count = warnings.length + integration.warnings.length;
                  return count > 0 && <Tag tone="warn">{words.countWarnings(count)}</Tag>;
                },
              },
            ]}
          />
        )}
        {data && rows.length === 0 && <EmptyState>{words.nothing}</EmptyState>}
      </div>
      <Connect isOpen={connecting} onClose={() => setConnecting(false)} onConnected={reload} />
    </Page>
  );
}
