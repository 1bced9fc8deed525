import { useState } from 'react';
import type { WorkKind } from '../../graphql';
import { useAction } from '../../lib/useAction';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Table } from '../../kit/DataTable';
import { Panel } from '../../kit/Page';
import { tell } from '../../kit/Status';
import { Tag } from '../../kit/Tag';
import { useTexts } from '../../texts';
import { type Policy, type Rule, UpdateDirectory } from './documents';
import { RuleDialog, recipientWords } from './RuleDialog';

/** Who gets the work of the people whom the directory dismisses. */
export function Rules({ directory }: { directory: Policy }) {
  const texts = useTexts();
  const { common, directories: words, enums } = texts;
  const { run, pending, problems, reset } = useAction(UpdateDirectory);
  /** The rule that is changed; null: new ones. */
  const [edited, setEdited] = useState<Rule | null>();
  const rules = directory.handoverMoves;
  const unused = (Object.keys(enums.workKind) as WorkKind[]).filter(
    (kind) => !rules.some((rule) => rule.kind === kind),
  );

  const save = async (next: Rule[]) => {
    const handoverMoves = next.map(({ kind, includeClosed, to }) => ({
      kind,
      includeClosed,
      to: to.map(({ manager, headOfDepartment, user }) =>
        manager ? { manager } : headOfDepartment ? { headOfDepartment } : { userId: user?.id ?? '' },
      ),
    }));
    if (!(await run({ input: { directoryId: directory.id, handoverMoves } }))) return false;
    tell(common.saved);
    return true;
  };
  const close = () => {
    reset();
    setEdited(undefined);
  };
  return (
    <Panel
      title={words.policy}
      actions={
        unused.length > 0 && <Button onPress={() => setEdited(null)}>{words.addRules}</Button>
      }
    >
      <p className="note">{words.policyText}</p>
      {rules.length === 0 ? (
        <p>{words.noRules}</p>
      ) : (
        <Table
          label={words.policy}
          rows={rules}
          keyOf={({ kind }) => kind}
          head={{ label: words.kind, cell: ({ kind }) => enums.workKind[kind] }}
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
          actions={(rule) => (
            <span className="actions">
              <Button aria-label={words.changeRule(enums.workKind[rule.kind])} onPress={() => setEdited(rule)}>
                {words.change}
              </Button>
              <Button
                look="quiet"
                aria-label={words.removeRule(enums.workKind[rule.kind])}
                pending={pending}
                onPress={() => void save(rules.filter(({ kind }) => kind !== rule.kind))}
              >
                {common.remove}
              </Button>
            </span>
          )}
        />
      )}
      {edited === undefined && <Problems of={problems} />}
      <RuleDialog
        edited={edited}
        unused={unused}
        onClose={close}
        pending={pending}
        problems={problems}
        onSave={async (changed) => {
          const kept = rules.map((rule) => changed.find(({ kind }) => kind === rule.kind) ?? rule);
          const added = changed.filter(({ kind }) => unused.includes(kind));
          if (await save([...kept, ...added])) close();
        }}
      />
    </Panel>
  );
}
