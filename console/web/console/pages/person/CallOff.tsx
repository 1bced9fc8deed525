import { graphql } from '../../graphql';
import { Confirm } from '../../kit/Confirm';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useTexts } from '../../texts';

const Cancel = graphql(`
  mutation CancelDismissal($input: CancelDismissalInput!) {
    cancelDismissal(input: $input) {
      dismissal {
        id
        state
        endedAt
        user {
          id
          dismissal {
            id
          }
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

interface CallOffProps {
  /** Whose dismissal is called off; the dialog is open while there is somebody. */
  of: { id: string; name: string } | null;
  onClose(): void;
  onDone(): void;
}

/** Asks whether a scheduled dismissal is called off: what was chosen for it has to be chosen anew. */
export function CallOff({ of, onClose, onDone }: CallOffProps) {
  const words = useTexts().person;
  const cancel = useAction(Cancel);
  const close = () => {
    cancel.reset();
    onClose();
  };
  const confirm = async () => {
    if (!of || !(await cancel.run({ input: { userId: of.id } }))) return;
    tell(words.calledOff(of.name));
    onClose();
    onDone();
  };
  return (
    <Confirm
      title={words.callOffTitle(of?.name ?? '')}
      isOpen={of !== null}
      onClose={close}
      action={words.callOff}
      onConfirm={() => void confirm()}
      pending={cancel.pending}
      problems={cancel.problems}
    >
      <p>{words.callOffText}</p>
    </Confirm>
  );
}
