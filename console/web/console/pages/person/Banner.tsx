import { useState } from 'react';
import { Link } from 'wouter';
import { Alert } from '../../kit/Alert';
import { Button, LinkButton } from '../../kit/Button';
import { useSay, useTexts } from '../../texts';
import { useMoment } from '../../lib/moment';
import { CallOff } from './CallOff';
import type { PersonData, PersonDismissal } from './document';

interface BannerProps {
  person: PersonData;
  onChange(): void;
}

/** What is planned about somebody, or has happened to them; above everything else of them. */
export function DismissalBanner({ person, onChange }: BannerProps) {
  const newest = person.dismissals?.[0];
  if (!newest) return null;
  switch (newest.state) {
    case 'SCHEDULED':
      return <Scheduled person={person} dismissal={newest} onChange={onChange} />;
    case 'IN_FORCE':
      return <InForce person={person} dismissal={newest} />;
    case 'CANCELLED':
      return newest.failure ? <NotDone person={person} dismissal={newest} /> : null;
    case 'ENDED':
      return null;
  }
}

function Scheduled({ person, dismissal, onChange }: BannerProps & { dismissal: PersonDismissal }) {
  const words = useTexts().person;
  const moment = useMoment();
  const [asked, setAsked] = useState(false);
  return (
    <Alert
      tone="warn"
      title={words.scheduled(person.name, moment(dismissal.effectiveAt))}
      action={
        <span className="actions">
          {person.viewerCan.dismiss === null && (
            <LinkButton href={`/people/${person.id}/dismiss`}>{words.changeDismissal}</LinkButton>
          )}
          <Button onPress={() => setAsked(true)}>{words.callOff}</Button>
        </span>
      }
    >
      {dismissal.requestedBy && <p>{words.scheduledBy(dismissal.requestedBy.name)}</p>}
      {dismissal.reason && <p>{words.reason(dismissal.reason)}</p>}
      <CallOff of={asked ? person : null} onClose={() => setAsked(false)} onDone={onChange} />
    </Alert>
  );
}

function InForce({ person, dismissal }: { person: PersonData; dismissal: PersonDismissal }) {
  const words = useTexts().person;
  const say = useSay();
  const { requestedBy, handover, failure, reason } = dismissal;
  return (
    <Alert
      tone={failure ? 'bad' : 'neutral'}
      urgent={false}
      title={words.dismissed(say.dateTime(dismissal.effectiveAt), requestedBy?.name ?? null)}
      action={
        person.viewerCan.handOver === null && failure ? (
          <LinkButton href={`/people/${person.id}/hand-over`}>{words.handOver}</LinkButton>
        ) : undefined
      }
    >
      {reason && <p>{words.reason(reason)}</p>}
      {failure && <p>{words.notHandedOver(failure)}</p>}
      {handover && <Link href={`/handovers/${handover.id}`}>{words.toHandover}</Link>}
    </Alert>
  );
}

function NotDone({ person, dismissal }: { person: PersonData; dismissal: PersonDismissal }) {
  const words = useTexts().person;
  const moment = useMoment();
  return (
    <Alert
      tone="bad"
      urgent={false}
      title={words.notDismissed(moment(dismissal.effectiveAt))}
      action={
        person.viewerCan.dismiss === null ? (
          <LinkButton href={`/people/${person.id}/dismiss`}>{words.dismiss}</LinkButton>
        ) : undefined
      }
    >
      {dismissal.failure}
    </Alert>
  );
}
