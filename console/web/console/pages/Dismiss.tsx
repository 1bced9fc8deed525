import { useEffect, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { Alert, Failure } from '../kit/Alert';
import { LinkButton } from '../kit/Button';
import { Page } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { refusalText } from '../lib/errors';
import { useMoment } from '../lib/moment';
import { useData } from '../lib/useData';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import type { Done } from './dismiss/Confirm';
import { Dismissed } from './dismiss/Dismissed';
import { Flow } from './dismiss/Flow';
import { type Head, HeadDocument, type Leaver, LeaverDocument } from './dismiss/queries';
import { Scheduled } from './dismiss/Scheduled';
import { PersonHead } from './handover/PersonHead';

/** Dismissing somebody: three steps, and afterwards the report at the same address. */
export default function Dismiss({ id }: { id: string }) {
  const texts = useTexts();
  const words = texts.dismiss;
  const head = useData(HeadDocument, { id });
  const person = head.data?.user;
  if (person) return <About key={id} person={person} />;
  return (
    <Page title={words.loadingTitle} above={{ href: '/people', label: texts.people.title }}>
      {head.error && <Failure error={head.error} onRetry={head.reload} />}
      {head.loading && <Skeleton lines={6} />}
      {person === null && <EmptyState action={<LinkButton href="/people">{words.toPeople}</LinkButton>}>{words.nobody}</EmptyState>}
    </Page>
  );
}

function About({ person }: { person: Head }) {
  const texts = useTexts();
  const words = texts.dismiss;
  const { may } = useViewer();
  const [path, go] = useLocation();
  const steps = new URLSearchParams(useSearch()).has('step');
  const { data, error, loading, reload } = useData(LeaverDocument, { id: person.id, mayReassign: may('REASSIGN_WORK') });
  const [done, setDone] = useState<Done>();
  const leaver = data?.user;
  const { name, status } = person;
  const scheduled = leaver?.dismissal?.state === 'SCHEDULED' && !steps ? leaver.dismissal : null;
  const view = status === 'DISMISSED' ? 'dismissed' : scheduled ? 'scheduled' : 'flow';
  const title = { dismissed: words.doneTitle, scheduled: words.scheduledTitle, flow: words.title }[view](name);
  useEffect(() => {
    // The address of a step means nothing any more.
    if (view === 'dismissed' && steps) go(path, { replace: true });
  }, [view, steps, path, go]);
  const refused = view === 'flow' ? leaver?.viewerCan.dismiss : null;
  // An invitation is withdrawn rather; whoever wants to can still dismiss.
  const invited = view === 'flow' && status === 'INVITED' && !steps && !refused;
  return (
    // Another title is another page: its heading takes the focus.
    <Page
      key={view}
      title={title}
      above={{ href: `/people/${person.id}`, label: name }}
      head={(heading) => <PersonHead person={person} title={title} heading={heading} />}
    >
      {error && !leaver && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton lines={8} />}
      {leaver && view === 'dismissed' && <Dismissed person={person} leaver={leaver} done={done} />}
      {scheduled && (
        <Scheduled person={person} dismissal={scheduled} changeHref={`${path}?step=1`} onCalledOff={reload} />
      )}
      {refused && <Impossible person={person} refused={refused} />}
      {leaver && invited && <Invited person={person} stepsHref={`${path}?step=1`} />}
      {leaver && view === 'flow' && !refused && !invited && (
        <>
          <LastFailed leaver={leaver} />
          <Flow
            person={person}
            leaver={leaver}
            onDone={(done) => {
              setDone(done);
              go(path, { replace: true });
              reload();
            }}
          />
        </>
      )}
    </Page>
  );
}

/** Why somebody can't be dismissed, and what can be done instead. */
function Impossible({ person, refused }: { person: Head; refused: NonNullable<Leaver['viewerCan']['dismiss']> }) {
  const texts = useTexts();
  const words = texts.dismiss;
  const why: Partial<Record<string, string>> = words.notPossible;
  return (
    <section className="panel step">
      <Alert tone="warn" title={refusalText(refused, texts)}>
        {why[refused.code]}
      </Alert>
      <div className="actions">
        {refused.code === 'LAST_ADMINISTRATOR' && (
          <LinkButton href="/people?role=EMPLOYEE">{words.makeAdministrator}</LinkButton>
        )}
        <LinkButton href={`/people/${person.id}`} look="primary">
          {words.toProfile}
        </LinkButton>
      </div>
    </section>
  );
}

function Invited({ person, stepsHref }: { person: Head; stepsHref: string }) {
  const words = useTexts().dismiss;
  return (
    <section className="panel step">
      <Alert tone="neutral" title={words.invited(person.name)}>
        {words.invitedText}
      </Alert>
      <div className="actions">
        <LinkButton href={stepsHref}>{words.allTheSame}</LinkButton>
        <LinkButton href={`/people/${person.id}`} look="primary">
          {words.invitation}
        </LinkButton>
      </div>
    </section>
  );
}

/** A scheduled dismissal that was not carried out. */
function LastFailed({ leaver }: { leaver: Leaver }) {
  const words = useTexts().dismiss;
  const moment = useMoment();
  const last = leaver.dismissals?.[0];
  if (last?.state !== 'CANCELLED' || !last.failure) return null;
  return (
    <Alert tone="warn" title={words.failed(moment(last.effectiveAt))}>
      {last.failure} <Link href="/dismissals">{words.several.toDismissals}</Link>
    </Alert>
  );
}
