import type { ReactNode } from 'react';
import { useTexts } from '../texts';
import { Problems } from './Alert';
import { Button } from './Button';
import { Dialog } from './Dialog';

interface ConfirmProps {
  title: string;
  isOpen: boolean;
  onClose(): void;
  /** What happens, and whether it can be taken back. */
  children: ReactNode;
  /** The button: what happens, as a verb. */
  action: string;
  onConfirm(): void;
  danger?: boolean;
  pending?: boolean;
  problems?: string[];
}

/** Asks before something happens that can't be taken back by one click. */
export function Confirm({ title, isOpen, onClose, children, action, onConfirm, ...state }: ConfirmProps) {
  const texts = useTexts();
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      alert
      footer={
        <>
          <Button onPress={onClose}>{texts.common.cancel}</Button>
          <Button look={state.danger ? 'danger' : 'primary'} pending={state.pending ?? false} onPress={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {children}
      <Problems of={state.problems ?? []} />
    </Dialog>
  );
}
