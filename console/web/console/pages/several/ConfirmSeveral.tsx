import { useMemo, useState } from 'react';
import { useClient } from 'urql';
import { Alert, Failure } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Facts } from '../../kit/Page';
import { Progress } from '../../kit/Progress';
import { type UserError, refusalText } from '../../lib/errors';
import { useMoment } from '../../lib/moment';
import { useOnline } from '../../shell/Banners';
import { useTexts } from '../../texts';
import type { Draft } from '../dismiss/useDraft';
import { OutcomeDocument } from '../dismiss/queries';
import type { Move } from '../handover/choices';
import { kindOf } from '../handover/plan';
import { PlanTable } from '../handover/PlanTable';
import { StepHeading } from '../handover/Steps';
import { useConfirm } from '../handover/useConfirm';
import { usePlan } from '../handover/usePlan';
import { DismissSeveralDocument, type PickedPerson } from './queries';
import { MOST_PLANNED, type SeveralPlan, planSeveral } from './useSeveralPlans';

interface ConfirmProps {
  people: readonly PickedPerson[];
  draft: Draft;
  moves: readonly Move[];
  mayReassign: boolean;
  entered: boolean;
  onTakeOut(ids: readonly string[]): void;
  onBack(): void;
  onDone(passed: string[]): void;
}

const always = () => true;

export function ConfirmSeveral({ people, draft, moves, mayReassign, entered, onTakeOut, onBack, onDone }: ConfirmProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const moment = useMoment('full');
  const client = useClient();
  const online = useOnline();
  const [progress, setProgress] = useState(0);
  const later = draft.when === 'date' ? draft.at : null;
  const ids = useMemo(() => people.map(({ id }) => id), [people]);
  const planned = mayReassign && people.length <= MOST_PLANNED;
  const { agreed, error, drawing, draw } = usePlan<SeveralPlan | 'none'>(
    JSON.stringify([ids, moves, later]),
    async () =>
      planned ? planSeveral({ client, people, moves, later, onProgress: setProgress }) : { plan: 'none' as const },
    always,
  );
  const { confirm, pending, checking, refused } = useConfirm(
    DismissSeveralDocument,
    ({ dismissUsers }) => dismissUsers.userErrors,
    async () => {
      const first = { id: ids[0] ?? '' };
      const { data } = await client.query(OutcomeDocument, first, { requestPolicy: 'network-only' }).toPromise();
      // All of them, or none.
      const dismissal = data?.user?.dismissal;
      return later ? dismissal !== null && dismissal !== undefined : data?.user?.status === 'DISMISSED';
    },
  );
  const submit = async () => {
    const handover = moves.length > 0 ? [...moves] : null;
    const done = await confirm({
      input: { userIds: ids, reason: draft.reason.trim() || null, effectiveAt: later, handover },
    });
    if (done === 'happened') return onDone([]);
    if (done) onDone(done.dismissUsers.schedulesPassed.map(({ user }) => user.name));
  };

  const plan = agreed === 'none' ? undefined : agreed;
  const personOf = ({ field }: UserError) =>
    field?.[0] === 'userIds' ? people[Number(field[1])]?.name : undefined;
  const about = (refusal: UserError, name: string | undefined) => {
    const kind = kindOf(refusal, moves);
    const what = [name, kind && texts.enums.workKind[kind]].filter(Boolean).join(', ');
    return what ? words.several.problemOf(what, refusalText(refusal, texts)) : refusalText(refusal, texts);
  };
  const problems = [
    ...(plan?.problems ?? []).map(({ name, refusal }) => about(refusal, name)),
    ...refused.refusals.map((refusal) => about(refusal, personOf(refusal))),
  ];
  const names = [...new Set([...(plan?.problems ?? []).map(({ name }) => name), ...refused.refusals.map(personOf)])];
  const out = people.filter(({ name }) => names.includes(name)).map(({ id }) => id);
  return (
    <section className="panel step wide" aria-busy={drawing}>
      <StepHeading entered={entered}>{words.confirm}</StepHeading>
      {refused.lost && <Alert tone="bad">{texts.moving.lost}</Alert>}
      {refused.error && <Failure error={refused.error} onRetry={() => void draw()} />}
      {problems.length > 0 && (
        <Alert
          tone="bad"
          title={out.length > 0 ? words.several.refused(out.length, people.length) : texts.errors.refused}
          action={
            out.length > 0 &&
            out.length < people.length && (
              <Button onPress={() => onTakeOut(out)}>{words.several.takeOut}</Button>
            )
          }
        >
          <ul>
            {[...new Set(problems)].slice(0, 20).map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Alert>
      )}
      <Facts
        of={[
          [words.several.people, words.several.many(people.length)],
          [words.whenFact, later ? moment(later) : words.nowAnswer],
          [words.reason, draft.reason.trim() || words.noReason],
          ...(plan && moves.length > 0 ? [[words.movesFact, texts.common.items(plan.total)] as const] : []),
        ]}
      />
      {error && <Failure error={error} onRetry={() => void draw()} />}
      {drawing && planned && (
        <Progress
          label={words.several.planning(progress, people.length)}
          share={progress / people.length}
        />
      )}
      {!planned && mayReassign && <p>{words.several.noPlan(MOST_PLANNED)}</p>}
      {plan && <PlanTable plan={plan} name={null} />}
      <p className="note">
        {words.several.allOrNone} {moves.length > 0 && words.several.newest}
      </p>
      {!online && <Alert tone="warn">{texts.moving.offline}</Alert>}
      <p role="status" className="note">
        {checking ? texts.moving.checking : drawing && planned ? texts.moving.drawing : ''}
      </p>
      <div className="actions">
        <Button onPress={onBack}>{texts.common.back}</Button>
        <Button
          look="danger"
          pending={pending || checking}
          disabled={!agreed || drawing || !online || (plan?.problems.length ?? 0) > 0}
          onPress={() => void submit()}
        >
          {later ? words.schedule : words.several.submit(people.length)}
        </Button>
      </div>
    </section>
  );
}
