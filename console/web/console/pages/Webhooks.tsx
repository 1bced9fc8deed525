import { useState } from 'react';
import { Link } from 'wouter';
import { useData } from '../lib/useData';
import { Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Table } from '../kit/DataTable';
import { Page } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { useTexts } from '../texts';
import { SettingsTabs } from './settings/SettingsTabs';
import { NewWebhook } from './webhooks/NewWebhook';
import { State } from './webhooks/State';
import { WebhooksDocument } from './webhooks/documents';

/** Events whose names are shown; of more, the number. */
const FEW = 3;

export default function Webhooks() {
  const { enums, webhooks: words } = useTexts();
  const { data, error, loading, reload } = useData(WebhooksDocument, {});
  const [creating, setCreating] = useState(false);
  const rows = data?.webhooks ?? [];
  return (
    <Page
      title={words.title}
      actions={
        <Button look="primary" onPress={() => setCreating(true)}>
          {words.create}
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
            head={{ label: words.url, cell: ({ id, url }) => <Link href={`/settings/webhooks/${id}`}>{url}</Link> }}
            columns={[
              { id: 'state', label: words.state, cell: (row) => <State of={row} /> },
              {
                id: 'events',
                label: words.events,
                cell: ({ events }) =>
                  events.length > FEW ? (
                    words.countEvents(events.length)
                  ) : (
                    <ul className="scopes">
                      {events.map((event) => (
                        <li key={event}>{enums.webhookEvent[event]}</li>
                      ))}
                    </ul>
                  ),
              },
              { id: 'order', label: words.order, cell: ({ order }) => enums.webhookOrder[order] },
              { id: 'integration', label: words.integration, cell: ({ integration }) => integration?.name },
            ]}
          />
        )}
        {data && rows.length === 0 && <EmptyState>{words.nothing}</EmptyState>}
      </div>
      <NewWebhook isOpen={creating} onClose={() => setCreating(false)} onCreated={reload} />
    </Page>
  );
}
