import { type FormEvent, useState } from 'react';
import { graphql } from '../../graphql';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Field } from '../../kit/Field';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useFocusProblem } from '../../lib/useFocusProblem';
import { useTexts } from '../../texts';
import { NewPasswordField } from './NewPasswordField';

const Change = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export function ChangePassword({ email, onChanged }: { email: string; onChanged(): void }) {
  const words = useTexts().account;
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useAction(Change, ['currentPassword', 'newPassword']);
  const form = useFocusProblem(change.refusals);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await change.run({ input: { currentPassword: current, newPassword: next } }))) return;
    setCurrent('');
    setNext('');
    tell(words.passwordChanged);
    onChanged();
  };
  return (
    <form ref={form} className="form" onSubmit={(event) => void save(event)}>
      <p className="note">{words.changePasswordText}</p>
      {/* So that password managers know whose password it is. */}
      <input hidden readOnly type="email" autoComplete="username" value={email} />
      <Field
        label={words.currentPassword}
        name="currentPassword"
        type="password"
        autoComplete="current-password"
        required
        value={current}
        onChange={setCurrent}
        error={change.problemOf('currentPassword')}
      />
      <NewPasswordField
        label={words.password}
        name="newPassword"
        value={next}
        onChange={setNext}
        error={change.problemOf('newPassword')}
      />
      <Problems of={change.problems} />
      <div className="actions">
        <Button submit look="primary" pending={change.pending}>
          {words.changePassword}
        </Button>
      </div>
    </form>
  );
}
