import type { ReactNode } from 'react';
import { useTexts } from '../texts';
import { Alert } from './Alert';
import { Button } from './Button';
import { CopyField } from './CopyField';
import { Dialog } from './Dialog';

interface SecretDialogProps {
  title: string;
  /** What the secret is: the label of its field. */
  label: string;
  /** The dialog is open while there is one. */
  secret: string | null;
  onClose(): void;
  /** What to do with it. */
  children?: ReactNode;
}

/** Shows a secret that can't be shown again. Only its button closes it: a stray key or click would lose the secret. */
export function SecretDialog({ title, label, secret, onClose, children }: SecretDialogProps) {
  const { common } = useTexts();
  return (
    <Dialog
      title={title}
      isOpen={secret !== null}
      onClose={onClose}
      stubborn
      wide={children !== undefined}
      footer={
        <Button look="primary" onPress={onClose}>
          {common.secret.stored}
        </Button>
      }
    >
      <Alert tone="warn">{common.secret.once}</Alert>
      <CopyField label={label} value={secret ?? ''} autoFocus />
      {children}
    </Dialog>
  );
}
