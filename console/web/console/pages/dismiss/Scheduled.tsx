import { Link } from 'wouter';
import { graphql } from '../../graphql';
import { Alert, Problems } from '../../kit/Alert';
import { Button, LinkButton } from '../../kit/Button';
import { Facts } from '../../kit/Page';
import { tell } from '../../kit/Status';
import { useMoment } from '../../lib/moment';
import { useAction } from '../../lib/useAction';
import { useTexts } from '../../texts';
import type { DismissalOf } from './queries';

const CallOff = graphql(`
  mutation CallOffDismissal($input: CancelDismissalInput!) {
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

interface ScheduledProps {
  person: { id: string; name: string };
  dismissal: DismissalOf;
  changeHref: string;
  onCalledOff(): void;
}

/** A dismissal to come: when, by whom, and how to change it or call it off. */
export function Scheduled({ person, dismissal, changeHref, onCalledOff }: ScheduledProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const moment = useMoment('full');
  const action = useAction(CallOff);
  const callOff = async () => {
    const done = await action.run({ input: { userId: person.id } });
    if (!done) return;
    tell(words.calledOff(person.name));
    onCalledOff();
  };
  return (
    <section className="panel step">
      <Alert tone="warn" title={words.scheduledFor(moment(dismissal.effectiveAt))}>
        {words.ruleAgain}
      </Alert>
      <Facts
        of={[
          [words.by, <RequestedBy key="by" dismissal={dismissal} />],
          [words.reason, dismissal.reason ?? words.noReason],
        ]}
      />
      <Problems of={action.problems} />
      <div className="actions">
        <LinkButton href={changeHref}>{words.changeIt}</LinkButton>
        <Button look="primary" pending={action.pending} onPress={() => void callOff()}>
          {words.callOff}
        </Button>
      </div>
    </section>
  );
}

/** Who requested a dismissal. */
export function RequestedBy({ dismissal }: { dismissal: Pick<DismissalOf, 'requestedBy' | 'requestedByIntegration'> }) {
  const words = useTexts().dismiss;
  const { requestedBy, requestedByIntegration } = dismissal;
  if (requestedBy) return <Link href={`/people/${requestedBy.id}`}>{requestedBy.name}</Link>;
  return requestedByIntegration ? words.byIntegration(requestedByIntegration.name) : words.byUnknown;
}
