import { useMemo } from 'react';
import { useClient } from 'urql';
import { Link } from 'wouter';
import type { WorkKind } from '../../graphql';
import { Alert, Failure } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Checkbox } from '../../kit/Choices';
import { Facts } from '../../kit/Page';
import { Skeleton } from '../../kit/Placeholder';
import { codeOf } from '../../lib/errors';
import { useMoment } from '../../lib/moment';
import { useOnline } from '../../shell/Banners';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import type { Move } from '../handover/choices';
import { InProgress, PlanChanged, Unreachable } from '../handover/PlanNotices';
import { PlanTable } from '../handover/PlanTable';
import { Refusals } from '../handover/Refusals';
import { StepHeading } from '../handover/Steps';
import { useConfirm } from '../handover/useConfirm';
import { usePlan } from '../handover/usePlan';
import { DismissDocument, type DismissalPlan, OutcomeDocument, PlanDocument } from './queries';
import type { Draft } from './useDraft';

export interface Done {
  changed: boolean;
  passed: string[];
}

interface ConfirmProps {
  person: { id: string; name: string };
  draft: Draft;
  moves: readonly Move[];
  entered: boolean;
  onChange(part: Partial<Draft>): void;
  onStay(kind: WorkKind): void;
  onBack(): void;
  onDone(done: Done): void;
}

const sameRevision = (one: DismissalPlan, other: DismissalPlan) => one.plan?.revision === other.plan?.revision;

/** The third step: exactly what will happen, and the button for it. */
export function Confirm({ person, draft, moves, entered, onChange, onStay, onBack, onDone }: ConfirmProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const { moving } = texts;
  const moment = useMoment('full');
  const online = useOnline();
  const client = useClient();
  const { user: viewer, may } = useViewer();
  const mayReassign = may('REASSIGN_WORK');
  const { id, name } = person;
  const later = draft.when === 'date' ? draft.at : null;
  const input = useMemo(
    () => ({
      userId: id,
      reason: draft.reason.trim() || null,
      effectiveAt: later,
      handover: moves.length > 0 ? [...moves] : null,
      keepSecretIds: draft.keep.length > 0 ? [...draft.keep] : null,
    }),
    [id, draft.reason, draft.keep, later, moves],
  );
  const { agreed, newer, error, drawing, draw, take } = usePlan(
    JSON.stringify(input),
    async () => {
      const variables = { input, mayReassign };
      const answer = await client.query(PlanDocument, variables, { requestPolicy: 'network-only' }).toPromise();
      return { plan: answer.data?.dismissalPlan, error: answer.error };
    },
    sameRevision,
  );
  const happened = async () => {
    const { data } = await client.query(OutcomeDocument, { id }, { requestPolicy: 'network-only' }).toPromise();
    const dismissal = data?.user?.dismissal;
    if (!later) return data?.user?.status === 'DISMISSED';
    return dismissal?.requestedBy?.id === viewer.id && Date.parse(dismissal.effectiveAt) === Date.parse(later);
  };
  const { confirm, pending, checking, refused, reset } = useConfirm(
    DismissDocument,
    ({ dismissUser }) => dismissUser.userErrors,
    happened,
  );
  const plan = agreed?.plan;
  const submit = async () => {
    const expectedRevision = moves.length > 0 ? (plan?.revision ?? null) : null;
    const done = await confirm({ input: { ...input, expectedRevision }, mayReassign });
    if (done === 'happened') return onDone({ changed: true, passed: [] });
    if (!done) return void draw();
    const { changed, schedulesPassed } = done.dismissUser;
    onDone({ changed, passed: schedulesPassed.map(({ user }) => user.name) });
  };
  const again = () => {
    reset();
    void draw();
  };

  const refusals = refused.refusals.length > 0 ? refused.refusals : (agreed?.userErrors ?? []);
  const has = (code: string) => refusals.some((refusal) => refusal.code === code);
  const blocked = !agreed || newer !== undefined || agreed.userErrors.length > 0;
  const lost = refused.error && codeOf(refused.error) === 'FORBIDDEN';
  return (
    <section className="panel step wide" aria-busy={drawing}>
      <StepHeading entered={entered}>{words.confirm}</StepHeading>
      {newer?.plan && plan && <PlanChanged before={plan} after={newer.plan} onTake={() => { reset(); take(); }} />}
      {refused.lost && <Alert tone="bad">{moving.lost}</Alert>}
      {lost && (
        <Alert tone="bad" action={<Link href={`/people/${id}`}>{words.toProfile}</Link>}>
          {words.noLonger}
        </Alert>
      )}
      {refused.error && !lost && <Failure error={refused.error} onRetry={again} />}
      {has('HANDOVER_IN_PROGRESS') && <InProgress userId={id} onOver={again} />}
      <Refusals of={refusals} moves={moves} onBack={onBack}>
        {has('LAST_ADMINISTRATOR') && <Link href="/people?role=EMPLOYEE">{words.makeAdministrator}</Link>}
      </Refusals>
      {plan && <Unreachable of={plan.unreachable} name={name} onStay={onStay} />}
      <Facts
        of={[
          [words.whenFact, later ? moment(later) : words.nowAnswer],
          [words.reason, draft.reason.trim() || words.noReason],
          ...(plan && moves.length > 0 ? [[words.movesFact, texts.common.items(plan.total)] as const] : []),
        ]}
      />
      {error && <Failure error={error} onRetry={() => void draw()} />}
      {!agreed && !error && (online ? <Skeleton lines={6} /> : null)}
      {agreed && moves.length === 0 && <p>{words.nothingMoves(name)}</p>}
      {plan && <PlanTable plan={plan} name={name} />}
      {agreed && <Effects name={name} plan={agreed} later={later} keep={draft.keep} onKeep={(keep) => onChange({ keep })} />}
      {!online && <Alert tone="warn">{moving.offline}</Alert>}
      <p role="status" className="note">
        {checking ? moving.checking : drawing && online ? moving.drawing : ''}
      </p>
      <div className="actions">
        <Button onPress={onBack}>{texts.common.back}</Button>
        <Button
          look="danger"
          pending={pending || checking}
          disabled={blocked || drawing || !online}
          onPress={() => void submit()}
        >
          {later ? words.schedule : words.submit(name)}
        </Button>
      </div>
    </section>
  );
}

interface EffectsProps {
  name: string;
  plan: DismissalPlan;
  later: string | null;
  keep: readonly string[];
  onKeep(keep: string[]): void;
}

/** What else happens with it. */
function Effects({ name, plan, later, keep, onKeep }: EffectsProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const { may } = useViewer();
  const { sessionsEnding, schedulesPassing, secretsStopping } = plan;
  return (
    <>
      {secretsStopping.length > 0 && (
        <fieldset className="secrets">
          <legend>{words.secrets(name)}</legend>
          {secretsStopping.map(({ id, kind, hint, integration }) => {
            const label = words.secret(integration?.name ?? null, texts.enums.secretKind[kind], hint);
            if (!may('MANAGE_INTEGRATIONS')) return <p key={id}>{label}</p>;
            return (
              <Checkbox
                key={id}
                label={label}
                hint={words.secretKeep}
                checked={keep.includes(id)}
                onChange={(on) => onKeep(on ? [...keep, id] : keep.filter((one) => one !== id))}
              />
            );
          })}
        </fieldset>
      )}
      <ul className="effects">
        {sessionsEnding > 0 && <li>{words.signedOut(name, sessionsEnding)}</li>}
        {schedulesPassing.length > 0 && (
          <li>
            {words.passing(
              name,
              schedulesPassing.map(({ user }) => user.name),
            )}
          </li>
        )}
        {later && <li>{words.ruleAgain}</li>}
        <li>{later ? words.onDateHint : words.takenBack}</li>
      </ul>
    </>
  );
}
