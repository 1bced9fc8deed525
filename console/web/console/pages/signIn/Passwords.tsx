import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { ResultOf } from '../../graphql';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Radios } from '../../kit/Choices';
import { Icon } from '../../kit/Icon';
import { Panel } from '../../kit/Page';
import { PersonPicker } from '../../kit/PersonPicker';
import { Skeleton } from '../../kit/Placeholder';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import { Meanwhile } from '../settings/Meanwhile';
import { hasChanged } from '../settings/crmRoles';
import { type PasswordSignIn, PasswordsDocument, UpdatePasswords } from './documents';

type Saved = ResultOf<typeof PasswordsDocument>['settings'];

/** Who may still sign in with a password, and who always can. */
export function Passwords() {
  const { signIn: words } = useTexts();
  const { data, error, loading, reload } = useData(PasswordsDocument, {});
  return (
    <Panel title={words.passwords}>
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton lines={3} />}
      {data && <Form saved={data.settings} onReload={reload} />}
    </Panel>
  );
}

function Form({ saved, onReload }: { saved: Saved; onReload(): void }) {
  const { common, enums, settings, signIn: words } = useTexts();
  const [chosen, setChosen] = useState<PasswordSignIn>();
  const [entered, setEntered] = useState<{ id: string; name: string }[]>();
  const [picking, setPicking] = useState(false);
  const [meanwhile, setMeanwhile] = useState(false);
  const { run, pending, problems, problemOf, refusals, reset } = useAction(UpdatePasswords, ['breakGlassIds']);
  const passwordSignIn = chosen ?? saved.passwordSignIn;
  const people = entered ?? saved.breakGlass ?? [];
  const changed = chosen !== undefined || entered !== undefined;

  const conflict = hasChanged({ refusals });
  useEffect(() => {
    if (!conflict) return;
    setMeanwhile(true);
    reset();
    onReload();
  }, [conflict]);
  const discard = () => {
    reset();
    setChosen(undefined);
    setEntered(undefined);
    setMeanwhile(false);
  };
  const save = async () => {
    const breakGlassIds = people.map(({ id }) => id);
    if (!(await run({ input: { passwordSignIn, breakGlassIds, expectedRevision: saved.revision } }))) return;
    discard();
    onReload();
    tell(common.saved);
  };
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Radios
        label={words.passwords}
        hideLabel
        value={passwordSignIn}
        onChange={(next) => setChosen(next)}
        options={(Object.keys(words.passwordHints) as PasswordSignIn[]).map((value) => ({
          value,
          label: enums.passwordSignIn[value],
          hint: words.passwordHints[value],
        }))}
      />
      <div className="field" role="group" aria-label={words.breakGlass}>
        <strong aria-hidden="true">{words.breakGlass}</strong>
        <small>{words.breakGlassText}</small>
        {people.length === 0 && <p className="note">{words.noBreakGlass}</p>}
        <ul className="chips">
          {people.map(({ id, name }) => (
            <li key={id}>
              <Link href={`/people/${id}`}>{name}</Link>
              <Button
                look="icon"
                aria-label={common.removeName(name)}
                onPress={() => setEntered(people.filter((one) => one.id !== id))}
              >
                <Icon name="close" />
              </Button>
            </li>
          ))}
        </ul>
        {problemOf('breakGlassIds') && (
          <p className="problem" role="alert">
            {problemOf('breakGlassIds')}
          </p>
        )}
        <span>
          <Button onPress={() => setPicking(true)}>{words.addBreakGlass}</Button>
        </span>
      </div>
      <Problems of={problems} />
      {meanwhile && <Meanwhile />}
      <div className="actions">
        {changed && <Button onPress={discard}>{settings.discard}</Button>}
        <Button look="primary" submit pending={pending} disabled={!changed}>
          {common.save}
        </Button>
      </div>
      <PersonPicker
        title={words.breakGlass}
        isOpen={picking}
        onClose={() => setPicking(false)}
        several
        except={people.map(({ id }) => id)}
        onPick={(picked) => setEntered([...people, ...picked])}
      />
    </form>
  );
}
