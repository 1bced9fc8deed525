import { useState } from 'react';
import { Checkbox } from '../../kit/Choices';
import { Field } from '../../kit/Field';
import { useTexts } from '../../texts';

interface NewPasswordFieldProps {
  label: string;
  name: string;
  value: string;
  onChange(value: string): void;
  error: string | undefined;
}

/** A password to be chosen. It can be looked at, so it need not be typed twice. */
export function NewPasswordField(props: NewPasswordFieldProps) {
  const words = useTexts().account;
  const [shown, setShown] = useState(false);
  return (
    <>
      <Field
        {...props}
        type={shown ? 'text' : 'password'}
        autoComplete="new-password"
        required
        hint={words.passwordHint}
      />
      <Checkbox label={words.showPassword} checked={shown} onChange={setShown} />
    </>
  );
}
