import { useEffect, useRef, useState } from 'react';
import { focusProblem } from '../lib/useFocusProblem';
import { useTexts } from '../texts';
import { Problems } from './Alert';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Field } from './Field';

interface NameDialogProps {
  title: string;
  isOpen: boolean;
  onClose(): void;
  /** What the name was before. */
  name?: string;
  hint?: string;
  /** The button: what happens, as a verb. */
  action: string;
  onSubmit(name: string): void;
  pending: boolean;
  /** The problem of the name, and all others. */
  error: string | undefined;
  problems: string[];
}

/** Asks for a name, and nothing else. */
export function NameDialog(props: NameDialogProps) {
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      {/* Within the dialog, so that each opening begins anew. */}
      <Form {...props} />
    </Dialog>
  );
}

function Form({ name = '', hint, action, onSubmit, onClose, pending, error, problems }: NameDialogProps) {
  const { common } = useTexts();
  const [typed, setTyped] = useState(name);
  const [missing, setMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const submit = () => {
    setMissing(typed.trim() === '');
    if (typed.trim()) onSubmit(typed.trim());
    else focusProblem(form.current);
  };
  useEffect(() => {
    if (error) focusProblem(form.current);
  }, [error]);
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        label={common.name}
        value={typed}
        onChange={setTyped}
        hint={hint}
        error={missing && !typed.trim() ? common.required : error}
        required
        autoFocus
        autoComplete="off"
      />
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {action}
        </Button>
      </footer>
    </form>
  );
}
