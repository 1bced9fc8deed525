import { useState } from 'react';
import { useAction } from '../lib/useAction';
import { useData } from '../lib/useData';
import { Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Confirm } from '../kit/Confirm';
import { Table } from '../kit/DataTable';
import { Menu } from '../kit/Menu';
import { Page, Panel } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { tell } from '../kit/Status';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { SettingsTabs } from './settings/SettingsTabs';
import { Addresses } from './signIn/Addresses';
import { Passwords } from './signIn/Passwords';
import { ProviderDialog } from './signIn/ProviderForm';
import { type Provider, ProvidersDocument, RetireProvider } from './signIn/documents';

export default function SignInSettings() {
  const { audit, common, signIn: words } = useTexts();
  const { may } = useViewer();
  const { data, error, loading, reload } = useData(ProvidersDocument, {});
  const [edited, setEdited] = useState<Provider | null>();
  const [shown, setShown] = useState<Provider>();
  const [retired, setRetired] = useState<Provider>();
  const retire = useAction(RetireProvider);
  const rows = data?.identityProviders ?? [];
  const closeRetire = () => {
    retire.reset();
    setRetired(undefined);
  };
  const retireNow = async () => {
    if (!retired || !(await retire.run({ input: { providerId: retired.id } }))) return;
    tell(words.retired(retired.name));
    closeRetire();
    reload();
  };
  return (
    <Page
      title={words.title}
      actions={
        <Button look="primary" onPress={() => setEdited(null)}>
          {words.create}
        </Button>
      }
    >
      <SettingsTabs />
      <Panel title={words.providers}>
        <p className="note">{words.text}</p>
        <div className="list">
          <p role="status" className="count">
            {data ? words.count(rows.length) : ''}
          </p>
          {error && <Failure error={error} onRetry={reload} />}
          {loading && <Skeleton />}
          {rows.length > 0 && (
            <Table
              label={words.providers}
              rows={rows}
              keyOf={({ id }) => id}
              head={{ label: common.name, cell: ({ name }) => name }}
              columns={[
                { id: 'issuer', label: words.issuer, cell: ({ issuer }) => <code>{issuer}</code> },
                { id: 'domains', label: words.emailDomains, cell: ({ emailDomains }) => emailDomains?.join(', ') },
                { id: 'directory', label: words.directory, cell: ({ directory }) => directory?.name },
                {
                  id: 'justInTime',
                  label: words.justInTime,
                  cell: ({ justInTime }) => (justInTime ? audit.yes : audit.no),
                },
              ]}
              actions={(row) => (
                <Menu
                  label={common.actionsFor(row.name)}
                  items={[
                    { id: 'edit', label: words.edit, onAction: () => setEdited(row) },
                    { id: 'addresses', label: words.addresses, onAction: () => setShown(row) },
                    { id: 'retire', label: words.retire, danger: true, onAction: () => setRetired(row) },
                  ]}
                />
              )}
            />
          )}
          {data && rows.length === 0 && <EmptyState>{words.nothing}</EmptyState>}
        </div>
      </Panel>
      {may('MANAGE_SETTINGS') && <Passwords />}
      <ProviderDialog
        edited={edited}
        onClose={() => setEdited(undefined)}
        onSaved={(provider) => {
          if (edited) tell(common.saved);
          else setShown(provider);
          setEdited(undefined);
          reload();
        }}
      />
      <Addresses provider={shown} onClose={() => setShown(undefined)} />
      <Confirm
        title={words.retireTitle(retired?.name ?? '')}
        isOpen={retired !== undefined}
        onClose={closeRetire}
        action={words.retireNow}
        onConfirm={() => void retireNow()}
        danger
        pending={retire.pending}
        problems={retire.problems}
      >
        <p>{words.retireText}</p>
      </Confirm>
    </Page>
  );
}
