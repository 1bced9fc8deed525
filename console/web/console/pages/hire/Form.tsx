import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { graphql } from '../../graphql';
import { Alert, Failure, Problems } from '../../kit/Alert';
import { Button, LinkButton } from '../../kit/Button';
import { Radios } from '../../kit/Choices';
import { Facts, Panel } from '../../kit/Page';
import { Skeleton } from '../../kit/Placeholder';
import { refusalText } from '../../lib/errors';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { useOnline } from '../../shell/Banners';
import { useSay, useTexts } from '../../texts';
import type { PersonToHire } from './document';
import { PlanTable, ReturnPlanDocument } from './Plan';

const HireUser = graphql(`
  mutation HireUser($input: HireUserInput!) {
    hireUser(input: $input) {
      user {
        id
        status
        dismissed
      }
      dismissal {
        id
        state
        endedAt
      }
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

/** Asks what comes back with somebody, before they do. */
export function HireForm({ person }: { person: PersonToHire }) {
  const texts = useTexts();
  const words = texts.hiring;
  const [, go] = useLocation();
  const online = useOnline();
  const { data, error, loading, reload } = useData(ReturnPlanDocument, { id: person.id });
  const [choice, setChoice] = useState<'with' | 'without'>();
  const hire = useAction(HireUser, ['userId']);
  const plan = data?.returnPlan;
  // Without a choice it is what is possible: their work comes back if there is any.
  const possible = plan !== undefined && plan.total > 0;
  const wanted = choice ?? (possible ? 'with' : 'without');
  const refused = wanted === 'with' ? (plan?.userErrors ?? []) : [];
  const busy = refused.some(({ code }) => code === 'HANDOVER_IN_PROGRESS');

  const confirm = async () => {
    const payload = await hire.run({ input: { userId: person.id, returnWork: wanted === 'with' } });
    if (!payload) return;
    const params = payload.handover ? `handover=${payload.handover.id}` : 'done=1';
    go(`/people/${person.id}/hire?${params}`, { replace: true });
  };
  return (
    <>
      <Panel title={words.dismissal}>
        <About person={person} />
      </Panel>
      <Panel title={words.work}>
        {loading && <Skeleton lines={6} />}
        {error && <Failure error={error} onRetry={reload} />}
        {plan && (
          <>
            <Radios
              label={words.work}
              hideLabel
              value={wanted}
              onChange={(next) => setChoice(next)}
              options={[
                {
                  value: 'with',
                  label: words.with(plan.total),
                  hint: possible ? words.withHint : words.nothingBack,
                  disabled: !possible,
                },
                { value: 'without', label: words.without, hint: words.withoutHint },
              ]}
            />
            {plan.lines.length > 0 && <PlanTable plan={plan} />}
            {refused.length > 0 && (
              <Alert
                tone="bad"
                urgent
                action={<Button onPress={reload}>{texts.common.tryAgain}</Button>}
                title={words.notPossible(person.name)}
              >
                <ul>
                  {refused.map((refusal) => (
                    <li key={refusal.code + refusal.message}>{refusalText(refusal, texts)}</li>
                  ))}
                </ul>
                {busy && person.dismissal?.handover && (
                  <Link href={`/handovers/${person.dismissal.handover.id}`}>{words.toRunning}</Link>
                )}
              </Alert>
            )}
          </>
        )}
      </Panel>
      <Problems of={[...new Set([...hire.problems, ...[hire.problemOf('userId')].filter((one) => one !== undefined)])]} />
      <p className="note">{words.signsIn}</p>
      <div className="actions">
        <LinkButton href={`/people/${person.id}`}>{texts.common.cancel}</LinkButton>
        <Button
          look="primary"
          pending={hire.pending}
          disabled={!online || !plan || refused.length > 0}
          onPress={() => void confirm()}
        >
          {words.hire}
        </Button>
      </div>
    </>
  );
}

function About({ person }: { person: PersonToHire }) {
  const texts = useTexts();
  const words = texts.hiring;
  const say = useSay();
  const { dismissal, department, head } = person;
  return (
    <Facts
      of={[
        ...(dismissal ? [[words.since, say.dateTime(dismissal.effectiveAt)] as const] : []),
        ...(dismissal?.requestedBy ? [[words.by, dismissal.requestedBy.name] as const] : []),
        ...(dismissal?.reason ? [[words.reason, dismissal.reason] as const] : []),
        [texts.common.department, department?.name ?? texts.common.none] as const,
        [texts.person.head, head?.name ?? texts.common.nobody] as const,
      ]}
    />
  );
}
