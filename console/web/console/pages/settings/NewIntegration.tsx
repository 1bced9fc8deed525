import { useState } from 'react';
import type { Permission } from '../../graphql';
import { useAction } from '../../lib/useAction';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Checkbox } from '../../kit/Choices';
import { Dialog } from '../../kit/Dialog';
import { Field } from '../../kit/Field';
import { SecretDialog } from '../../kit/SecretDialog';
import { useTexts } from '../../texts';
import { Ending } from './Ending';
import { CreateIntegration } from './integrations';

interface NewProps {
  onClose(): void;
  onCreated(): void;
}

/** Asks for an integration, and then shows its secret: once. */
export function NewIntegration({ isOpen, onClose, onCreated }: NewProps & { isOpen: boolean }) {
  const { settings } = useTexts();
  const [made, setMade] = useState<{ name: string; token: string }>();
  return (
    <>
      <Dialog title={settings.newIntegrationTitle} isOpen={isOpen} onClose={onClose} wide>
        <Form
          onClose={onClose}
          onMade={(name, token) => {
            onClose();
            setMade({ name, token });
          }}
        />
      </Dialog>
      <SecretDialog
        title={settings.tokenOf(made?.name ?? '')}
        label={settings.token}
        secret={made?.token ?? null}
        onClose={() => {
          setMade(undefined);
          onCreated();
        }}
      />
    </>
  );
}

function Form({ onClose, onMade }: { onClose(): void; onMade(name: string, token: string): void }) {
  const { common, enums, settings } = useTexts();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Permission[]>([]);
  const [expiresAt, setExpiresAt] = useState<string | null>(null);
  const [ending, setEnding] = useState<'never' | 'date'>('never');
  const [tried, setTried] = useState(false);
  const { run, pending, problems, problemOf, refusals } = useAction(CreateIntegration, ['name', 'scopes', 'expiresAt']);
  const form = useFocusProblem(refusals);
  const nameMissing = tried && !name.trim() ? common.required : undefined;
  const scopesMissing = tried && scopes.length === 0 ? settings.scopesMissing : undefined;
  const dateMissing = tried && ending === 'date' && !expiresAt ? common.invalidDate : undefined;
  const scopesProblem = scopesMissing ?? problemOf('scopes');

  const submit = async () => {
    setTried(true);
    if (!name.trim() || scopes.length === 0 || (ending === 'date' && !expiresAt)) {
      focusProblem(form.current);
      return;
    }
    const input = { name: name.trim(), scopes, expiresAt: ending === 'date' ? expiresAt : null };
    const answer = await run({ input });
    if (answer?.token) onMade(name.trim(), answer.token);
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field
        label={common.name}
        value={name}
        onChange={setName}
        hint={settings.integrationNameHint}
        error={nameMissing ?? problemOf('name')}
        required
        autoFocus
        autoComplete="off"
      />
      <fieldset className="scope-choice" aria-describedby={scopesProblem ? 'scopes-problem' : undefined}>
        <legend>{settings.scopes}</legend>
        {(Object.keys(enums.permission) as Permission[]).map((permission) => (
          <Checkbox
            key={permission}
            label={enums.permission[permission]}
            checked={scopes.includes(permission)}
            onChange={(on) => setScopes(on ? [...scopes, permission] : scopes.filter((one) => one !== permission))}
          />
        ))}
        {scopesProblem && (
          <small id="scopes-problem" className="problem">
            {scopesProblem}
          </small>
        )}
      </fieldset>
      <Ending
        ending={ending}
        onEnding={setEnding}
        date={expiresAt}
        onDate={setExpiresAt}
        error={dateMissing ?? problemOf('expiresAt')}
      />
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {common.create}
        </Button>
      </footer>
    </form>
  );
}
