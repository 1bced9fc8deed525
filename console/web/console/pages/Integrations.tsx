import { useState } from 'react';
import { Link } from 'wouter';
import { flag, useUrlState } from '../lib/useUrlState';
import { useData } from '../lib/useData';
import { Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Checkbox } from '../kit/Choices';
import { Table } from '../kit/DataTable';
import { FilterBar } from '../kit/FilterBar';
import { Menu } from '../kit/Menu';
import { Page } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { StatusTag, Tag } from '../kit/Tag';
import { useSay, useTexts } from '../texts';
import { NewIntegration } from './settings/NewIntegration';
import { RevokeIntegrationDialog } from './settings/RevokeIntegration';
import { Secrets } from './settings/Secrets';
import { SettingsTabs } from './settings/SettingsTabs';
import { type Integration, IntegrationsDocument, isActive } from './settings/integrations';

const FILTER = { revoked: flag };

export default function Integrations() {
  const texts = useTexts();
  const words = texts.settings;
  const say = useSay();
  const { data, error, loading, reload } = useData(IntegrationsDocument, {});
  const { values, set, clear, changed } = useUrlState(FILTER);
  const [creating, setCreating] = useState(false);
  const [opened, setOpened] = useState<string>();
  const [revoking, setRevoking] = useState<Integration>();
  const all = data?.integrations ?? [];
  const shown = all.filter(({ revokedAt }) => values.revoked || revokedAt === null);
  const hidden = all.length - all.filter(({ revokedAt }) => revokedAt === null).length;

  return (
    <Page
      title={words.integrations}
      actions={
        <Button look="primary" onPress={() => setCreating(true)}>
          {words.newIntegration}
        </Button>
      }
    >
      <SettingsTabs />
      {hidden > 0 && (
        <FilterBar changed={changed} onClear={clear}>
          <Checkbox label={words.alsoRevoked} checked={values.revoked} onChange={(revoked) => set({ revoked })} />
        </FilterBar>
      )}
      <div className="list">
        <p role="status" className="count">
          {data ? words.countIntegrations(shown.length) : ''}
        </p>
        {error && <Failure error={error} onRetry={reload} />}
        {loading && <Skeleton />}
        {shown.length > 0 && (
          <Table
            label={words.integrations}
            rows={shown}
            keyOf={({ id }) => id}
            head={{ label: texts.common.name, cell: ({ name }) => name }}
            columns={[
              {
                id: 'state',
                label: texts.common.status,
                cell: (row) => <State of={row} />,
              },
              {
                id: 'scopes',
                label: words.scopes,
                cell: ({ scopes }) => (
                  <ul className="scopes">
                    {scopes.map((scope) => (
                      <li key={scope}>{texts.enums.permission[scope]}</li>
                    ))}
                  </ul>
                ),
              },
              {
                id: 'owner',
                label: words.owner,
                cell: ({ owner }) =>
                  owner && (
                    <span className="tags">
                      <Link href={`/people/${owner.id}`}>{owner.name}</Link>
                      {owner.status !== 'ACTIVE' && <StatusTag status={owner.status} />}
                    </span>
                  ),
              },
              {
                id: 'used',
                label: words.lastUsed,
                cell: ({ lastUsedAt }) => (lastUsedAt ? say.ago(lastUsedAt) : words.never),
              },
              {
                id: 'ends',
                label: words.expires,
                cell: ({ expiresAt, secrets }) =>
                  expiresAt ? say.date(expiresAt) : secrets.some((secret) => isActive(secret)) ? words.noEnd : null,
              },
            ]}
            actions={(row) => (
              <Menu
                label={texts.common.actionsFor(row.name)}
                items={[
                  { id: 'secrets', label: words.secretsOpen, onAction: () => setOpened(row.id) },
                  ...(row.revokedAt === null
                    ? [{ id: 'revoke', label: words.revoke, danger: true, onAction: () => setRevoking(row) }]
                    : []),
                ]}
              />
            )}
          />
        )}
        {data && shown.length === 0 && (
          <EmptyState>{all.length > 0 ? words.allRevoked : words.noIntegrations}</EmptyState>
        )}
      </div>
      <NewIntegration isOpen={creating} onClose={() => setCreating(false)} onCreated={reload} />
      <Secrets integration={all.find(({ id }) => id === opened)} onClose={() => setOpened(undefined)} onChanged={reload} />
      <RevokeIntegrationDialog integration={revoking} onClose={() => setRevoking(undefined)} onRevoked={reload} />
    </Page>
  );
}

function State({ of: { revokedAt, secrets, warnings } }: { of: Integration }) {
  const { settings } = useTexts();
  const say = useSay();
  const active = secrets.filter((secret) => isActive(secret)).length;
  if (revokedAt) return <Tag tone="neutral">{settings.revokedOn(say.date(revokedAt))}</Tag>;
  return (
    <span className="tags">
      <Tag tone={active > 0 ? 'good' : 'warn'}>{active > 0 ? settings.activeSecrets(active) : settings.noSecret}</Tag>
      {secrets.some(({ knownToLeaver }) => knownToLeaver) && <Tag tone="bad">{settings.leaked}</Tag>}
      {warnings.map((warning) => (
        <small key={warning}>{warning}</small>
      ))}
    </span>
  );
}
