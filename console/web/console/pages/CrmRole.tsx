import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { forgetDraft, readDraft, saveDraft } from '../lib/drafts';
import { text, useUrlState } from '../lib/useUrlState';
import { useAction } from '../lib/useAction';
import { useData } from '../lib/useData';
import { Alert, Failure, Problems } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Select } from '../kit/Choices';
import { NameDialog } from '../kit/NameDialog';
import { Page, Panel } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { tell } from '../kit/Status';
import { NotFound } from '../shell/Nowhere';
import { useTexts } from '../texts';
import { MatrixTable } from './settings/MatrixTable';
import { RoleAudience } from './settings/RoleAudience';
import {
  type CrmRole as Role,
  CrmRolesDocument,
  type Matrix,
  SetCrmRole,
  differing,
  matrixOf,
  rulesOf,
} from './settings/crmRoles';

const STATE = { compare: text };

export default function CrmRole({ id }: { id: string }) {
  const { settings } = useTexts();
  const { data, error, loading, reload } = useData(CrmRolesDocument, {});
  const role = data?.crmRoles.find((one) => one.id === id);
  if (data && !role) return <NotFound />;
  if (role) return <Editor role={role} others={data?.crmRoles.filter((one) => one.id !== id) ?? []} />;
  return (
    <Page title={settings.crmRole} above={{ href: '/settings/crm-roles', label: settings.crmRoles }}>
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton lines={8} />}
    </Page>
  );
}

function Editor({ role, others }: { role: Role; others: Role[] }) {
  const texts = useTexts();
  const words = texts.settings;
  const client = useClient();
  const { values, set } = useUrlState(STATE);
  const draft = `crm-role.${role.id}`;
  const [edited, setEdited] = useState(() => readDraft<Matrix>(draft) ?? {});
  const [renaming, setRenaming] = useState(false);
  const [merged, setMerged] = useState(0);
  const save = useAction(SetCrmRole);
  const rename = useAction(SetCrmRole, ['name']);
  const saved = matrixOf(role.rules);
  const changes = differing(saved, edited);
  const count = Object.keys(changes).length;
  // What is not saved is still there after a reload, or a look at another page.
  useEffect(() => (count > 0 ? saveDraft(draft, edited) : forgetDraft(draft)), [draft, edited, count]);
  const other = others.find((one) => one.id === values.compare);

  /** The role as it is now: somebody else may have changed it since it was read here. */
  const fresh = async (): Promise<Role | undefined> => {
    const { data } = await client.query(CrmRolesDocument, {}, { requestPolicy: 'network-only' }).toPromise();
    return data?.crmRoles.find((one) => one.id === role.id);
  };
  const submit = async () => {
    const now = await fresh();
    // Without an answer the mutation will say why.
    const base = matrixOf((now ?? role).rules);
    const foreign = Object.keys(differing(saved, base)).length;
    const rules = rulesOf({ ...base, ...changes });
    if (!(await save.run({ input: { roleId: role.id, name: (now ?? role).name, rules } }))) return;
    setEdited({});
    setMerged(foreign);
    tell(words.roleSaved);
  };
  return (
    <Page
      title={role.name}
      above={{ href: '/settings/crm-roles', label: words.crmRoles }}
      actions={<Button onPress={() => setRenaming(true)}>{words.rename}</Button>}
    >
      <RoleAudience role={role} rulesNow={async () => rulesOf(matrixOf(((await fresh()) ?? role).rules))} />
      <Panel
        title={words.permissions}
        actions={
          <Select
            label={words.compareWith}
            value={values.compare}
            onChange={(compare) => set({ compare })}
            options={[
              { value: '', label: words.compareNone },
              ...others.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        }
      >
        {other && <p className="note">{words.compareText(other.name)}</p>}
        <p className="note">{words.levelsText}</p>
        <MatrixTable
          matrix={{ ...saved, ...changes }}
          saved={saved}
          other={other && { name: other.name, matrix: matrixOf(other.rules) }}
          onChange={(cells) => setEdited({ ...edited, ...cells })}
        />
        <Problems of={save.problems} />
        {merged > 0 && (
          <Alert tone="neutral" urgent>
            {words.merged(merged)}
          </Alert>
        )}
        <div className="unsaved" data-changed={count > 0 || undefined}>
          <span role="status">{count > 0 ? words.changes(count) : words.noChanges}</span>
          <Button disabled={count === 0 || save.pending} onPress={() => setEdited({})}>
            {words.discard}
          </Button>
          <Button look="primary" disabled={count === 0} pending={save.pending} onPress={() => void submit()}>
            {texts.common.save}
          </Button>
        </div>
      </Panel>
      <NameDialog
        title={words.renameRole(role.name)}
        name={role.name}
        isOpen={renaming}
        onClose={() => {
          rename.reset();
          setRenaming(false);
        }}
        action={texts.common.save}
        pending={rename.pending}
        error={rename.problemOf('name')}
        problems={rename.problems}
        onSubmit={async (name) => {
          const rules = rulesOf(matrixOf(((await fresh()) ?? role).rules));
          if (await rename.run({ input: { roleId: role.id, name, rules } })) setRenaming(false);
        }}
      />
    </Page>
  );
}
