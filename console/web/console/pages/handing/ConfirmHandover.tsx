import { useMemo, useRef } from 'react';
import { useClient } from 'urql';
import type { WorkKind } from '../../graphql';
import { Alert, Failure } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Facts } from '../../kit/Page';
import { Skeleton } from '../../kit/Placeholder';
import { useOnline } from '../../shell/Banners';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import type { Move } from '../handover/choices';
import type { Plan } from '../handover/plan';
import { InProgress, PlanChanged, Unreachable } from '../handover/PlanNotices';
import { PlanTable } from '../handover/PlanTable';
import { Refusals } from '../handover/Refusals';
import { StepHeading } from '../handover/Steps';
import { useConfirm } from '../handover/useConfirm';
import { usePlan } from '../handover/usePlan';
import { BegunDocument, PlanDocument, ReassignDocument } from './queries';

interface ConfirmProps {
  person: { id: string; name: string };
  moves: readonly Move[];
  entered: boolean;
  onStay(kind: WorkKind): void;
  onBack(): void;
  /** Gets the id of the handover. */
  onDone(handover: string): void;
}

const sameRevision = (one: Plan, other: Plan) => one.revision === other.revision;

/** Exactly what will move, and the button for it. */
export function ConfirmHandover({ person, moves, entered, onStay, onBack, onDone }: ConfirmProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const { moving } = texts;
  const online = useOnline();
  const client = useClient();
  const { user } = useViewer();
  const input = useMemo(() => ({ fromUserId: person.id, moves: [...moves] }), [person.id, moves]);
  const begun = useRef<{ before: string | undefined; found: string | undefined }>({ before: undefined, found: undefined });
  const newest = async () => {
    const variables = { userId: person.id };
    const { data } = await client.query(BegunDocument, variables, { requestPolicy: 'network-only' }).toPromise();
    return data?.handovers.nodes.find(({ requestedBy }) => requestedBy.id === user.id)?.id;
  };
  const { agreed, newer, error, drawing, draw, take } = usePlan(
    JSON.stringify(input),
    async () => {
      const [answer, before] = await Promise.all([
        client.query(PlanDocument, { input }, { requestPolicy: 'network-only' }).toPromise(),
        newest(),
      ]);
      begun.current = { before, found: undefined };
      return { plan: answer.data?.handoverPlan, error: answer.error };
    },
    sameRevision,
  );
  const { confirm, pending, checking, refused, reset } = useConfirm(
    ReassignDocument,
    ({ bulkReassign }) => bulkReassign.userErrors,
    async () => {
      begun.current.found = await newest();
      return begun.current.found !== undefined && begun.current.found !== begun.current.before;
    },
  );
  const submit = async () => {
    const done = await confirm({ input: { ...input, expectedRevision: agreed?.revision ?? null } });
    const id = done === 'happened' ? begun.current.found : done?.bulkReassign.handover?.id;
    if (id) return onDone(id);
    void draw();
  };
  const again = () => {
    reset();
    void draw();
  };
  const refusals = refused.refusals.length > 0 ? refused.refusals : (agreed?.userErrors ?? []);
  const busy = refusals.some(({ code }) => code === 'HANDOVER_IN_PROGRESS');
  const blocked = !agreed || newer !== undefined || agreed.userErrors.length > 0;
  return (
    <section className="panel step wide" aria-busy={drawing}>
      <StepHeading entered={entered}>{words.confirm}</StepHeading>
      {newer && agreed && <PlanChanged before={agreed} after={newer} onTake={() => { reset(); take(); }} />}
      {refused.lost && <Alert tone="bad">{moving.lost}</Alert>}
      {refused.error && <Failure error={refused.error} onRetry={again} />}
      {busy && <InProgress userId={person.id} onOver={again} />}
      <Refusals of={refusals} moves={moves} onBack={onBack} />
      {agreed && <Unreachable of={agreed.unreachable} name={person.name} onStay={onStay} />}
      {agreed && <Facts of={[[words.movesFact, texts.common.items(agreed.total)]]} />}
      {error && <Failure error={error} onRetry={() => void draw()} />}
      {!agreed && !error && online && <Skeleton lines={6} />}
      {agreed && <PlanTable plan={agreed} name={person.name} />}
      {!online && <Alert tone="warn">{moving.offline}</Alert>}
      <p role="status" className="note">
        {checking ? moving.checking : drawing && online ? moving.drawing : ''}
      </p>
      <div className="actions">
        <Button onPress={onBack}>{texts.common.back}</Button>
        <Button
          look="primary"
          pending={pending || checking}
          disabled={blocked || drawing || !online}
          onPress={() => void submit()}
        >
          {words.handing.submit}
        </Button>
      </div>
    </section>
  );
}
