import { Alert } from '../../kit/Alert';
import { Checkbox, Select } from '../../kit/Choices';
import { Table } from '../../kit/DataTable';
import { PersonField } from '../../kit/PersonPicker';
import { Tag } from '../../kit/Tag';
import type { WorkKind } from '../../graphql';
import { useSay, useTexts } from '../../texts';
import { type Choice, type Choices, type Line, type To, canBeObserved, change, choiceFor, isDivisible } from './choices';
import { DriveFolder } from './DriveFolder';
import type { People } from './names';

export interface WhatGoesProps {
  /** Whose work it is; null: of several people. */
  person: { id: string; name: string } | null;
  /** Those who can't get any of it. */
  except: readonly string[];
  /** The head who can get it: by name, or the one of each. */
  head: string | null;
  lines: readonly Line[];
  choices: Choices;
  onChange(choices: Choices): void;
  people: People;
  /** Problems by kind. */
  problems: Partial<Record<WorkKind, string>>;
}

/** Who gets what: a line for each kind of work, and one choice for all of them. */
export function WhatGoes(props: WhatGoesProps) {
  const texts = useTexts();
  const words = texts.moving;
  const say = useSay();
  const { head, lines, choices, onChange, problems } = props;
  const hasHead = head !== null;
  const set = (kind: WorkKind, part: Partial<Choice>) => onChange(change(kind, part, choices, hasHead));
  const leads = lines.find(({ kind }) => kind === 'DEPARTMENT_HEAD');
  return (
    <>
      <ForAll {...props} />
      {leads && (
        <Alert tone="warn">{words.leads(props.person?.name ?? null, leads.open)}</Alert>
      )}
      <Table
        label={words.whoGetsWhat}
        rows={lines}
        keyOf={({ kind }) => kind}
        head={{
          label: words.what,
          cell: ({ kind }) => (
            <>
              {texts.enums.workKind[kind]} {kind === 'DEPARTMENT_HEAD' && <Tag tone="warn">{words.important}</Tag>}
            </>
          ),
        }}
        columns={[
          { id: 'open', label: words.open, numeric: true, cell: ({ open }) => say.number(open) },
          { id: 'closed', label: words.closed, numeric: true, cell: ({ closed }) => say.number(closed) },
          {
            id: 'to',
            label: words.whoGetsIt,
            cell: ({ kind }) => <Recipient {...props} kind={kind} set={(part) => set(kind, part)} error={problems[kind]} />,
          },
          {
            id: 'closed-too',
            label: words.closedToo,
            cell: ({ kind, closed }) => {
              const { to, closed: too } = choiceFor(kind, choices, hasHead);
              if (closed === 0) return <span aria-label={words.noClosed}>–</span>;
              return (
                <Checkbox
                  label={words.closedTooOf(texts.enums.workKind[kind])}
                  hideLabel
                  checked={too && to !== 'stay'}
                  disabled={to === 'stay'}
                  onChange={(closed) => set(kind, { closed })}
                />
              );
            },
          },
        ]}
      />
    </>
  );
}

interface RecipientProps extends WhatGoesProps {
  kind: WorkKind;
  set(part: Partial<Choice>): void;
  error: string | undefined;
}

function Recipient({ kind, set, error, people, ...props }: RecipientProps) {
  const texts = useTexts();
  const words = texts.moving;
  const { head, choices, except } = props;
  const choice = choiceFor(kind, choices, head !== null);
  const what = texts.enums.workKind[kind];
  return (
    <div className="gets" id={`move-${kind}`}>
      <div className="gets-line">
        <Select
          label={words.whoGets(what)}
          hideLabel
          value={choice.to}
          options={optionsFor(choice.to, props.person?.name ?? null, head, words, texts.common.choose)}
          error={error}
          onChange={(to) => set({ to })}
        />
        {choice.to === 'people' && (
          <PersonField
            title={words.pickFor(what)}
            picked={people.of(choice.people)}
            several={isDivisible(kind)}
            except={except}
            onPick={(picked) => {
              people.learn(picked);
              set({ people: picked.map(({ id }) => id) });
            }}
          />
        )}
      </div>
      {choice.to === 'people' && choice.people.length > 1 && <small>{namesOf(people.of(choice.people))}</small>}
      {canBeObserved(kind) && choice.to !== 'stay' && (
        <Checkbox
          label={words.observer}
          checked={choice.observer}
          onChange={(observer) => set({ observer })}
        />
      )}
      {kind === 'DRIVE' && props.person && (choice.to === 'head' || choice.to === 'people') && (
        <DriveFolder
          person={props.person}
          sharing={choices.sharing}
          onChange={(sharing) => props.onChange({ ...choices, sharing })}
          people={people}
          except={except}
        />
      )}
    </div>
  );
}

const namesOf = (people: readonly { name: string }[]) => people.map(({ name }) => name).join(', ');

type Words = ReturnType<typeof useTexts>['moving'];

function optionsFor(to: To, name: string | null, head: string | null, words: Words, choose: string) {
  return [
    ...(to === 'unset' ? [{ value: 'unset' as const, label: choose, disabled: true }] : []),
    ...(head !== null ? [{ value: 'head' as const, label: head }] : []),
    { value: 'people' as const, label: words.somebodyElse },
    { value: 'stay' as const, label: words.stays(name) },
  ];
}

/** One choice for every kind; it shows what they have in common. */
function ForAll({ person, except, head, lines, choices, onChange, people }: WhatGoesProps) {
  const texts = useTexts();
  const words = texts.moving;
  const hasHead = head !== null;
  const all = lines.map(({ kind }) => choiceFor(kind, choices, hasHead));
  const first = all[0];
  const same = all.every(({ to }) => to === first?.to) ? (first?.to ?? 'unset') : 'unset';
  // A drive goes to the first of several.
  const wanted = all.reduce<readonly string[]>((most, one) => (one.people.length > most.length ? one.people : most), []);
  const alike = same === 'people' && lines.every(({ kind }, at) => {
    const own = all[at]?.people ?? [];
    return isDivisible(kind) ? own.join() === wanted.join() : own[0] === wanted[0];
  });
  const closable = lines.filter(({ closed }) => closed > 0).map(({ kind }) => choiceFor(kind, choices, hasHead));
  const set = (part: (line: Line) => Partial<Choice>) =>
    onChange(lines.reduce((next, line) => change(line.kind, part(line), next, hasHead), choices));
  return (
    <div className="for-all">
      <Select
        label={words.everythingTo}
        value={same}
        options={optionsFor(same, person?.name ?? null, head, words, words.different)}
        onChange={(to) => set(() => ({ to }))}
      />
      {same === 'people' && (
        <PersonField
          title={words.pickForAll}
          picked={alike ? people.of(wanted) : []}
          several
          except={except}
          onPick={(picked) => {
            people.learn(picked);
            const ids = picked.map(({ id }) => id);
            set(({ kind }) => ({ people: isDivisible(kind) ? ids : ids.slice(0, 1) }));
          }}
        />
      )}
      {closable.length > 0 && (
        <Checkbox
          label={words.closedToo}
          checked={closable.every(({ closed }) => closed)}
          partly={closable.some(({ closed }) => closed) && !closable.every(({ closed }) => closed)}
          disabled={same === 'stay'}
          onChange={(closed) => set((line) => (line.closed > 0 ? { closed } : {}))}
        />
      )}
    </div>
  );
}
