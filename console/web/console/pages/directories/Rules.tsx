import { useState } from 'react';
import type { WorkKind } from '../../graphql';
import { useAction } from '../../lib/useAction';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Table } from '../../kit/DataTable';
import { Menu } from '../../kit/Menu';
import { Panel } from '../../kit/Page';
import { tell } from '../../kit/Status';
import { Tag } from '../../kit/Tag';
import { useSay, useTexts } from '../../texts';
import { type Policy, type Rule, UpdateDirectory } from './documents';
import { type Rules as Alike, RuleDialog, recipientWords } from './RuleDialog';

/** Rules that differ in the kind of work only, together. */
function together(rules: readonly Rule[]): Alike[] {
  const groups = new Map<string, Alike>();
  for (const { kind, to, includeClosed } of rules) {
    const key = JSON.stringify([includeClosed, to.map(({ manager, user }) => user?.id ?? manager)]);
    const group = groups.get(key);
    if (group) group.kinds.push(kind);
    else groups.set(key, { kinds: [kind], to, includeClosed });
  }
  return [...groups.values()];
}

/** Who gets the work of the people whom the directory dismisses. */
export function Rules({ directory }: { directory: Policy }) {
  const texts = useTexts();
  const { common, directories: words, enums } = texts;
  const say = useSay();
  const { run, pending, problems, reset } = useAction(UpdateDirectory);
  /** The rules that are changed; null: new ones. */
  const [edited, setEdited] = useState<Alike | null>();
  const rules = directory.handoverMoves;
  // Only a person hands integrations over.
  const all = (Object.keys(enums.workKind) as WorkKind[]).filter((kind) => kind !== 'INTEGRATION');
  const unused = all.filter((kind) => !rules.some((rule) => rule.kind === kind));
  const nameOf = ({ kinds }: Alike) =>
    kinds.length === all.length ? texts.handovers.allKinds : say.list(kinds.map((kind) => enums.workKind[kind]));

  /** Replaces some rules by others. */
  const save = async (before: readonly WorkKind[], after: Alike | null) => {
    const kept = rules.filter(({ kind }) => !before.includes(kind));
    const changed = after ? after.kinds.map((kind) => ({ ...after, kind })) : [];
    const handoverMoves = [...kept, ...changed].map(({ kind, includeClosed, to }) => ({
      kind,
      includeClosed,
      to: to.map(({ manager, headOfDepartment, user }) =>
        manager ? { manager } : headOfDepartment ? { headOfDepartment } : { userId: user?.id ?? '' },
      ),
    }));
    if (!(await run({ input: { directoryId: directory.id, handoverMoves } }))) return;
    tell(common.saved);
    close();
  };
  const close = () => {
    reset();
    setEdited(undefined);
  };
  return (
    <Panel
      title={words.policy}
      actions={unused.length > 0 && <Button onPress={() => setEdited(null)}>{words.addRules}</Button>}
    >
      <p className="note">{words.policyText}</p>
      {rules.length === 0 ? (
        <p>{words.noRules}</p>
      ) : (
        <Table
          label={words.policy}
          rows={together(rules)}
          keyOf={nameOf}
          head={{ label: words.kind, cell: nameOf }}
          columns={[
            {
              id: 'to',
              label: words.recipients,
              cell: ({ to }) => (
                <ol className="ranked">
                  {to.map((recipient, rank) => (
                    <li key={rank}>{recipientWords(recipient, texts)}</li>
                  ))}
                </ol>
              ),
            },
            {
              id: 'closed',
              label: common.details,
              cell: ({ includeClosed }) => includeClosed && <Tag>{words.includeClosed}</Tag>,
            },
          ]}
          actions={(row) => (
            <Menu
              label={common.actionsFor(nameOf(row))}
              items={[
                { id: 'change', label: words.change, onAction: () => setEdited(row) },
                { id: 'remove', label: common.remove, danger: true, onAction: () => void save(row.kinds, null) },
              ]}
            />
          )}
        />
      )}
      {edited === undefined && <Problems of={problems} />}
      <RuleDialog
        edited={edited}
        choice={all.filter((kind) => unused.includes(kind) || edited?.kinds.includes(kind))}
        onClose={close}
        pending={pending}
        problems={problems}
        onSave={(changed) => void save(edited?.kinds ?? [], changed)}
      />
    </Panel>
  );
}
