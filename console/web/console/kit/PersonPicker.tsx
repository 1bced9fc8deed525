import { useId, useState } from 'react';
import { useClient } from 'urql';
import { graphql } from '../graphql';
import { useData } from '../lib/useData';
import { useTexts } from '../texts';
import { Alert, Failure } from './Alert';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { EmptyState, Skeleton } from './Placeholder';
import { SearchField } from './SearchField';

const Candidates = graphql(`
  query Candidates($filter: UserFilter!) {
    users(filter: $filter, first: 30) {
      nodes {
        id
        name
        email
        position
        status
      }
    }
  }
`);

export interface Picked {
  id: string;
  name: string;
}

interface PickerProps {
  /** What the people are picked for; the title of the dialog. */
  title: string;
  isOpen: boolean;
  onClose(): void;
  onPick(people: Picked[]): void;
  /** Those who are picked already. */
  picked?: readonly Picked[];
  several?: boolean;
  /** Those who can't be picked here: the one who leaves. */
  except?: readonly string[];
  /** Also those who don't work here any more: for filters. */
  anyone?: boolean;
  /** Several have it together, rather than in turn: those who have it already may stay, whoever they are. */
  together?: boolean;
}

/** Picks people who work here, by search. Whether they still do is checked when they are chosen, not at the end. */
export function PersonPicker(props: PickerProps) {
  const texts = useTexts();
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      {/* Within the dialog, so that each opening begins anew. */}
      <Choosing {...props} texts={texts} />
    </Dialog>
  );
}

function Choosing({
  onPick,
  onClose,
  picked = [],
  several = false,
  except = [],
  anyone = false,
  together = false,
  texts,
}: PickerProps & { texts: ReturnType<typeof useTexts> }) {
  const name = useId();
  const client = useClient();
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<Picked[]>([...picked]);
  const [checking, setChecking] = useState(false);
  const [refused, setRefused] = useState(false);
  const status = anyone ? null : (['ACTIVE'] as const);
  const filter = { status: status && [...status], search: search.trim() || null };
  const { data, error, loading, reload } = useData(Candidates, { filter });
  const found = data?.users.nodes.filter(({ id }) => !except.includes(id)) ?? [];
  // Who was chosen and is not found by this search stays in sight.
  const others = several ? chosen.filter(({ id }) => !found.some((one) => one.id === id)) : [];

  const toggle = (person: Picked, on: boolean) => {
    setRefused(false);
    if (!several) setChosen([person]);
    else setChosen(on ? [...chosen, person] : chosen.filter(({ id }) => id !== person.id));
  };
  const choose = async () => {
    setChecking(true);
    const filter = { status: status && [...status], ids: chosen.map(({ id }) => id) };
    const answer = await client.query(Candidates, { filter }, { requestPolicy: 'network-only' }).toPromise();
    setChecking(false);
    const active = answer.data?.users.nodes.map(({ id }) => id) ?? [];
    const stays = (id: string) => together && picked.some((person) => person.id === id);
    const left = chosen.filter(({ id }) => active.includes(id) || stays(id));
    if (left.length < chosen.length) {
      setChosen(left);
      setRefused(true);
      return;
    }
    onPick(chosen);
    onClose();
  };

  const row = (person: Picked & { position?: string | null; email?: string }) => (
    <li key={person.id}>
      <label>
        <input
          type={several ? 'checkbox' : 'radio'}
          name={name}
          checked={chosen.some(({ id }) => id === person.id)}
          onChange={(event) => toggle({ id: person.id, name: person.name }, event.target.checked)}
        />
        <span>
          {person.name}
          <small>{[person.position, person.email].filter(Boolean).join(' · ')}</small>
        </span>
      </label>
    </li>
  );
  return (
    <div className="picker">
      <SearchField label={texts.common.picker.search} value={search} onChange={setSearch} autoFocus />
      {refused && (
        <Alert tone="bad">{texts.common.picker.onlyActive}</Alert>
      )}
      {error && <Failure error={error} onRetry={reload} />}
      <ul aria-label={texts.common.picker.list}>
        {others.map(row)}
        {found.map(row)}
      </ul>
      {loading && <Skeleton lines={4} />}
      {data && found.length === 0 && <EmptyState>{texts.common.picker.nobody}</EmptyState>}
      <footer className="actions">
        <span role="status" className="count">
          {several && chosen.length > 0 && !together ? texts.common.picker.takeTurns(chosen.length) : ''}
          {together ? texts.common.selected(chosen.length) : ''}
        </span>
        <Button onPress={onClose}>{texts.common.cancel}</Button>
        <Button look="primary" pending={checking} disabled={chosen.length === 0 && !together} onPress={() => void choose()}>
          {texts.common.picker.done}
        </Button>
      </footer>
    </div>
  );
}

interface PersonFieldProps extends Omit<PickerProps, 'isOpen' | 'onClose'> {
  picked: readonly Picked[];
}

/** A button that shows who is picked, and opens the picker. */
export function PersonField(props: PersonFieldProps) {
  const texts = useTexts();
  const [isOpen, setOpen] = useState(false);
  const { picked } = props;
  return (
    <>
      <Button onPress={() => setOpen(true)}>
        {picked.length === 0
          ? texts.common.choose
          : picked.length === 1
            ? picked[0]!.name
            : texts.common.picker.several(picked.length)}
        <span className="hidden"> – {props.title}</span>
      </Button>
      <PersonPicker {...props} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}
