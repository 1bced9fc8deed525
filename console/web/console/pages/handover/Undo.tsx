import { graphql } from '../../graphql';
import { Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Table } from '../../kit/DataTable';
import { Dialog } from '../../kit/Dialog';
import { Skeleton } from '../../kit/Placeholder';
import { tell } from '../../kit/Status';
import { refusalText } from '../../lib/errors';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { useSay, useTexts } from '../../texts';

const UndoPlan = graphql(`
  query UndoPlan($id: ID!) {
    undoPlan(handoverId: $id) {
      total
      lines {
        kind
        returnable
        movedOn
        unreachable
        from {
          id
          name
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

const UndoHandover = graphql(`
  mutation UndoHandover($input: UndoHandoverInput!) {
    undoHandover(input: $input) {
      handover {
        id
        state
        undoes {
          id
          undoable
          undoneBy {
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

interface UndoProps {
  id: string;
  isOpen: boolean;
  onClose(): void;
}

/** What comes back and what does not, before it is undone. */
export function Undo({ id, isOpen, onClose }: UndoProps) {
  const texts = useTexts();
  return (
    <Dialog title={texts.moving.undoTitle} isOpen={isOpen} onClose={onClose} wide>
      {/* Within the dialog: the plan is of now each time that it is opened. */}
      <Planned id={id} onClose={onClose} />
    </Dialog>
  );
}

function Planned({ id, onClose }: { id: string; onClose(): void }) {
  const texts = useTexts();
  const words = texts.moving;
  const say = useSay();
  const { data, error, loading, reload } = useData(UndoPlan, { id });
  const action = useAction(UndoHandover);
  const plan = data?.undoPlan;
  const undo = async () => {
    const done = await action.run({ input: { handoverId: id } });
    if (!done) return;
    tell(words.undoing);
    onClose();
  };
  const refused = plan?.userErrors.map((refusal) => refusalText(refusal, texts)) ?? [];
  return (
    <>
      {loading && <Skeleton lines={5} />}
      {error && <Failure error={error} onRetry={reload} />}
      {plan && <p>{words.undoTotal(plan.total)}</p>}
      {plan && plan.lines.length > 0 && (
        <Table
          label={words.undoTitle}
          rows={plan.lines}
          keyOf={({ kind, from }) => `${kind} ${from?.id ?? ''}`}
          head={{ label: words.what, cell: ({ kind }) => texts.enums.workKind[kind] }}
          columns={[
            { id: 'from', label: words.holder, cell: ({ from }) => from?.name },
            { id: 'back', label: words.comesBack, numeric: true, cell: ({ returnable }) => say.number(returnable) },
            { id: 'on', label: words.movedOn, numeric: true, cell: ({ movedOn }) => say.number(movedOn) },
            { id: 'beyond', label: words.beyond, numeric: true, cell: ({ unreachable }) => say.number(unreachable) },
          ]}
        />
      )}
      <Problems of={[...new Set([...refused, ...action.problems])]} />
      <footer className="actions">
        <Button onPress={onClose}>{texts.common.cancel}</Button>
        <Button
          look="primary"
          pending={action.pending}
          disabled={!plan || plan.userErrors.length > 0}
          onPress={() => void undo()}
        >
          {words.undoNow}
        </Button>
      </footer>
    </>
  );
}
