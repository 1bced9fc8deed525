import { type ReactNode, useState } from 'react';
import { graphql } from '../../graphql';
import { Alert, Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Table } from '../../kit/DataTable';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { Progress } from '../../kit/Progress';
import { tell } from '../../kit/Status';
import { HandoverTag } from '../../kit/Tag';
import { isOver } from '../../lib/handovers';
import { useAction } from '../../lib/useAction';
import { useSay, useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { ItemsOf } from './ItemsOf';
import { Undo } from './Undo';
import { type Handover, useHandover } from './useHandover';

const Cancel = graphql(`
  mutation CancelHandover($input: CancelHandoverInput!) {
    cancelHandover(input: $input) {
      handover {
        id
        state
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const Retry = graphql(`
  mutation RetryHandover($input: RetryHandoverInput!) {
    retryHandover(input: $input) {
      handover {
        id
        state
        progress
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

interface ReportProps {
  id: string;
  /** More that can be done, besides what concerns the handover itself. */
  children?: ReactNode;
}

/** A handover: its progress while it runs, then what became of each kind of work. */
export function HandoverReport({ id, children }: ReportProps) {
  const texts = useTexts();
  const words = texts.moving;
  const { handover, missing, error, reload } = useHandover(id);
  if (error && !handover) return <Failure error={error} onRetry={reload} />;
  if (missing) return <EmptyState>{texts.errors.notFound}</EmptyState>;
  if (!handover) return <Skeleton lines={6} />;
  const over = isOver(handover.state);
  const title = handover.undoes ? words.returned : words.handedOver;
  return (
    <>
      <section className="panel" aria-labelledby={`report-${id}`}>
        <header>
          <h2 id={`report-${id}`}>{over ? title : handover.undoes ? words.returning : words.handingOver}</h2>
          <HandoverTag state={handover.state} />
        </header>
        <Running handover={handover} />
        <Lines handover={handover} />
        {over && <ItemsOf id={id} outcome="FAILED" count={handover.failed} />}
        {over && <ItemsOf id={id} outcome="SKIPPED" count={handover.skipped} />}
        <Buttons handover={handover}>{children}</Buttons>
      </section>
      {handover.undoneBy && <HandoverReport id={handover.undoneBy.id} />}
    </>
  );
}

function Running({ handover }: { handover: Handover }) {
  const words = useTexts().moving;
  const { state, moved, skipped, failed, total, progress } = handover;
  const counts = words.counts(moved, total, skipped, failed);
  return (
    <>
      {!isOver(state) && <Progress label={words.progress} share={progress} text={counts} />}
      <p role="status">{state === 'QUEUED' ? words.queued : counts}</p>
    </>
  );
}

function Lines({ handover }: { handover: Handover }) {
  const texts = useTexts();
  const words = texts.moving;
  const say = useSay();
  if (handover.lines.length === 0) return null;
  const number = (count: number) => (count === 0 ? <span className="note">0</span> : say.number(count));
  return (
    <Table
      label={words.result}
      rows={handover.lines}
      keyOf={({ kind, recipient }) => `${kind} ${recipient.id}`}
      head={{ label: words.what, cell: ({ kind }) => texts.enums.workKind[kind] }}
      columns={[
        { id: 'to', label: words.recipient, cell: ({ recipient }) => recipient.name },
        { id: 'moved', label: words.moved, numeric: true, cell: ({ moved }) => number(moved) },
        { id: 'skipped', label: words.skipped, numeric: true, cell: ({ skipped }) => number(skipped) },
        {
          id: 'failed',
          label: words.failed,
          numeric: true,
          cell: ({ failed }) => (failed > 0 ? <b className="problem">{say.number(failed)}</b> : number(0)),
        },
      ]}
    />
  );
}

function Buttons({ handover, children }: { handover: Handover; children: ReactNode }) {
  const texts = useTexts();
  const words = texts.moving;
  const { may } = useViewer();
  const [undoing, setUndoing] = useState(false);
  const cancel = useAction(Cancel);
  const retry = useAction(Retry);
  const { id, state, failed, undoable } = handover;
  const over = isOver(state);
  const mayMove = may('REASSIGN_WORK');
  return (
    <>
      {state === 'CANCELLED' && <Alert tone="neutral">{words.cancelled}</Alert>}
      <Problems of={[...cancel.problems, ...retry.problems]} />
      <div className="actions">
        {children}
        {mayMove && !over && (
          <Button pending={cancel.pending} onPress={() => void cancel.run({ input: { handoverId: id } })}>
            {words.cancel}
          </Button>
        )}
        {mayMove && over && failed > 0 && (
          <Button
            pending={retry.pending}
            onPress={() =>
              void retry.run({ input: { handoverId: id } }).then((done) => done && tell(words.retrying(failed)))
            }
          >
            {words.retry(failed)}
          </Button>
        )}
        {mayMove && over && undoable && <Button onPress={() => setUndoing(true)}>{words.undo}</Button>}
      </div>
      <Undo id={id} isOpen={undoing} onClose={() => setUndoing(false)} />
    </>
  );
}
