import { useRef, useState } from 'react';
import { useTexts } from '../texts';
import { Alert } from './Alert';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Labelled } from './Field';

interface SecretDialogProps {
  title: string;
  /** What the secret is: the label of its field. */
  label: string;
  /** The dialog is open while there is one. */
  secret: string | null;
  onClose(): void;
}

/** Shows a secret that can't be shown again. Only its button closes it: a stray key or click would lose the secret. */
export function SecretDialog({ title, label, secret, onClose }: SecretDialogProps) {
  const { common } = useTexts();
  const field = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret ?? '');
      setOutcome(common.copied);
    } catch {
      // Browsers keep the clipboard from pages that are not encrypted.
      field.current?.select();
      setOutcome(common.copyFailed);
    }
  };
  const close = () => {
    setOutcome('');
    onClose();
  };
  return (
    <Dialog
      title={title}
      isOpen={secret !== null}
      onClose={close}
      stubborn
      footer={
        <Button look="primary" onPress={close}>
          {common.secret.stored}
        </Button>
      }
    >
      <Alert tone="warn">{common.secret.once}</Alert>
      <Labelled label={label}>
        {(control) => (
          <span className="secret">
            <input
              {...control}
              ref={field}
              readOnly
              value={secret ?? ''}
              spellCheck={false}
              onFocus={(event) => event.target.select()}
            />
            <Button autoFocus onPress={() => void copy()}>
              {common.copy}
            </Button>
          </span>
        )}
      </Labelled>
      <p role="status" className="note">
        {outcome}
      </p>
    </Dialog>
  );
}
