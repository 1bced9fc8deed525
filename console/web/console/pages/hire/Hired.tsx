import { Alert } from '../../kit/Alert';
import { LinkButton } from '../../kit/Button';
import { useTexts } from '../../texts';
import { HandoverReport } from '../handover/HandoverReport';
import type { PersonToHire } from './document';

/** Somebody is back: what they can do now, and how the return of their work goes. */
export function Hired({ person, handover }: { person: PersonToHire; handover: string | null }) {
  const words = useTexts().hiring;
  const invited = person.status === 'INVITED';
  const toProfile = <LinkButton href={`/people/${person.id}`}>{words.toProfile}</LinkButton>;
  return (
    <>
      <Alert tone={invited ? 'warn' : 'good'} urgent={false} action={handover ? undefined : toProfile}>
        {invited ? words.invitedAgain : words.maySignIn}
        {!handover && <p>{words.withoutWork}</p>}
      </Alert>
      {handover && <HandoverReport id={handover}>{toProfile}</HandoverReport>}
    </>
  );
}
