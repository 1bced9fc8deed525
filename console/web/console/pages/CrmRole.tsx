import { useEffect, useState } from 'react';
import { forgetDraft, readDraft, saveDraft } from '../lib/drafts';
import { text, useUrlState } from '../lib/useUrlState';
import { useAction } from '../lib/useAction';
import { useData } from '../lib/useData';
import { Failure, Problems } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Select } from '../kit/Choices';
import { NameDialog } from '../kit/NameDialog';
import { Page, Panel } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { tell } from '../kit/Status';
import { NotFound } from '../shell/Nowhere';
import { useTexts } from '../texts';
import { Meanwhile } from './settings/Meanwhile';
import { MatrixTable } from './settings/MatrixTable';
import { RoleAudience } from './settings/RoleAudience';
import {
  CELLS,
  type CrmRole as Role,
  CrmRolesDocument,
  type Kind,
  type Matrix,
  type Operation,
  SetCrmRole,
  asRead,
  differing,
  hasChanged,
  levelIn,
  matrixOf,
  rulesOf,
} from './settings/crmRoles';

const STATE = { compare: text };
const levelOf = ({ rules }: Role, { kind, operation }: { kind: Kind; operation: Operation }) =>
  levelIn(matrixOf(rules), kind, operation);

export default function CrmRole({ id }: { id: string }) {
  const { settings } = useTexts();
  const { data, error, loading, reload } = useData(CrmRolesDocument, {});
  const role = data?.crmRoles.find((one) => one.id === id);
  if (data && !role) return <NotFound />;
  const others = data?.crmRoles.filter((one) => one.id !== id) ?? [];
  if (role) return <Editor role={role} others={others} onReload={reload} />;
  return (
    <Page title={settings.crmRole} above={{ href: '/settings/crm-roles', label: settings.crmRoles }}>
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton lines={8} />}
    </Page>
  );
}

function Editor({ role, others, onReload }: { role: Role; others: Role[]; onReload(): void }) {
  const texts = useTexts();
  const words = texts.settings;
  const { values, set } = useUrlState(STATE);
  const draft = `crm-role.${role.id}`;
  const [edited, setEdited] = useState(() => readDraft<Matrix>(draft) ?? {});
  const [renaming, setRenaming] = useState(false);
  /** The role when somebody else changed it. */
  const [before, setBefore] = useState<Role>();
  const save = useAction(SetCrmRole);
  const rename = useAction(SetCrmRole, ['name']);
  const saved = matrixOf(role.rules);
  const changes = differing(saved, edited);
  const count = Object.keys(changes).length;
  // What is not saved is still there after a reload, or a look at another page.
  useEffect(() => (count > 0 ? saveDraft(draft, edited) : forgetDraft(draft)), [draft, edited, count]);
  const other = others.find((one) => one.id === values.compare);

  const conflict = hasChanged(save);
  useEffect(() => {
    if (!conflict) return;
    setBefore(role);
    save.reset();
    onReload();
  }, [conflict]);
  // The dialog says it, and keeps the name.
  const renamedToo = hasChanged(rename);
  useEffect(() => {
    if (renamedToo) onReload();
  }, [renamedToo, onReload]);
  const foreign = before ? CELLS.filter((cell) => levelOf(before, cell) !== levelOf(role, cell)) : [];
  const submit = async () => {
    const rules = rulesOf({ ...saved, ...changes });
    if (!(await save.run({ input: { ...asRead(role), rules } }))) return;
    setEdited({});
    setBefore(undefined);
    tell(words.roleSaved);
  };
  return (
    <Page
      title={role.name}
      above={{ href: '/settings/crm-roles', label: words.crmRoles }}
      actions={<Button onPress={() => setRenaming(true)}>{words.rename}</Button>}
    >
      <RoleAudience role={role} onReload={onReload} />
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
        {before && (
          <Meanwhile
            changes={foreign.map(
              ({ kind, operation }) =>
                `${texts.enums.crmKinds[kind]}, ${texts.enums.crmOperation[operation]}: ${words.levels[levelOf(role, { kind, operation })]}`,
            )}
          />
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
          if (await rename.run({ input: { ...asRead(role), name } })) setRenaming(false);
        }}
      />
    </Page>
  );
}
