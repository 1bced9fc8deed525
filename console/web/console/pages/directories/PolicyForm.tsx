import { useState } from 'react';
import { useAction } from '../../lib/useAction';
import { useFocusProblem } from '../../lib/useFocusProblem';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Checkbox, Radios, Select } from '../../kit/Choices';
import { Field } from '../../kit/Field';
import { Panel } from '../../kit/Page';
import { tell } from '../../kit/Status';
import { type Texts, useTexts } from '../../texts';
import { type Policy, UpdateDirectory } from './documents';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const DELAYS = [0, HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY];
const NAMES = ['name', 'handoverAfterSeconds', 'whenDismissedHere', 'departmentsByName'] as const;
type Entered = Partial<Pick<Policy, (typeof NAMES)[number]>>;

function delayWords(seconds: number, { directories: words }: Texts): string {
  if (seconds === 0) return words.atOnce;
  if (seconds % DAY === 0) return words.days(seconds / DAY);
  return seconds % HOUR === 0 ? words.hours(seconds / HOUR) : words.minutes(seconds / 60);
}

/** How the directory is called, and what it may decide. */
export function PolicyForm({ saved }: { saved: Policy }) {
  const texts = useTexts();
  const { common, directories: words, enums } = texts;
  const [entered, setEntered] = useState<Entered>({});
  const { run, pending, problems, problemOf, refusals } = useAction(UpdateDirectory, ['name', 'handoverAfterSeconds']);
  const form = useFocusProblem(refusals);
  const changes: Entered = Object.fromEntries(
    NAMES.filter((name) => name in entered && entered[name] !== saved[name]).map((name) => [name, entered[name]]),
  );
  const changed = Object.keys(changes).length > 0;
  const { name, handoverAfterSeconds, whenDismissedHere, departmentsByName } = { ...saved, ...entered };
  const delays = [...new Set([...DELAYS, saved.handoverAfterSeconds])].sort((one, other) => one - other);
  const save = async () => {
    if (!(await run({ input: { directoryId: saved.id, ...changes } }))) return;
    setEntered({});
    tell(common.saved);
  };
  return (
    <Panel title={texts.settings.title}>
      <form
        ref={form}
        className="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label={common.name}
          value={name}
          onChange={(name) => setEntered({ ...entered, name })}
          error={name.trim() ? problemOf('name') : common.required}
          maxLength={200}
          required
          autoComplete="off"
        />
        <Select
          label={words.after}
          hint={words.afterHint}
          value={String(handoverAfterSeconds)}
          onChange={(seconds) => setEntered({ ...entered, handoverAfterSeconds: Number(seconds) })}
          options={delays.map((seconds) => ({ value: String(seconds), label: delayWords(seconds, texts) }))}
          error={problemOf('handoverAfterSeconds')}
        />
        <Radios
          label={words.whenDismissedHere}
          value={whenDismissedHere}
          onChange={(whenDismissedHere) => setEntered({ ...entered, whenDismissedHere })}
          options={(['STANDS', 'DIRECTORY_DECIDES'] as const).map((value) => ({
            value,
            label: enums.whenDismissedHere[value],
            hint: words.whenHints[value],
          }))}
        />
        <Checkbox
          label={words.departmentsByName}
          hint={words.departmentsByNameHint}
          checked={departmentsByName}
          onChange={(departmentsByName) => setEntered({ ...entered, departmentsByName })}
        />
        <Problems of={problems} />
        <div className="actions">
          {changed && <Button onPress={() => setEntered({})}>{texts.settings.discard}</Button>}
          <Button look="primary" submit pending={pending} disabled={!changed || !name.trim()}>
            {common.save}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
