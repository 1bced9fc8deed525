import { useSearch } from 'wouter';
import { Alert, Failure } from '../kit/Alert';
import { LinkButton } from '../kit/Button';
import { Page } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { codeOf, refusalText } from '../lib/errors';
import { useData } from '../lib/useData';
import { NotFound } from '../shell/Nowhere';
import { useTexts } from '../texts';
import { PersonHead } from './handover/PersonHead';
import { HireDocument, type PersonToHire } from './hire/document';
import { HireForm } from './hire/Form';
import { Hired } from './hire/Hired';

/** Hires somebody back: what comes back with them, then how it goes. */
export default function Hire({ id }: { id: string }) {
  const texts = useTexts();
  const words = texts.hiring;
  const { data, error, loading, reload } = useData(HireDocument, { id });
  // What came of it is in the address: a reload shows it again.
  const params = new URLSearchParams(useSearch());
  const handover = params.get('handover');
  const done = params.get('done') === '1' || handover !== null;
  const gone = error && ['NOT_FOUND', 'BAD_USER_INPUT'].includes(codeOf(error) ?? '');
  if (data?.user === null || gone) return <NotFound />;
  const person = data?.user;
  const above = { href: `/people/${id}`, label: person?.name ?? texts.person.title };
  if (!person) {
    return (
      <Page title={words.title} above={above}>
        {loading && <Skeleton lines={8} />}
        {error && <Failure error={error} onRetry={reload} />}
      </Page>
    );
  }
  const hired = done && person.status !== 'DISMISSED';
  const title = hired ? words.isBack(person.name) : words.hireName(person.name);
  return (
    // Another key, so that the heading that says what has happened takes the focus.
    <Page
      key={hired ? 'done' : 'asking'}
      title={title}
      above={above}
      head={(heading) => <PersonHead person={person} title={title} heading={heading} />}
    >
      {hired ? (
        <Hired person={person} handover={handover} />
      ) : (
        <Asking person={person} />
      )}
    </Page>
  );
}

function Asking({ person }: { person: PersonToHire }) {
  const texts = useTexts();
  const words = texts.hiring;
  const refusal = person.viewerCan.hire;
  if (person.status !== 'DISMISSED' || refusal) {
    return (
      <Alert
        tone="neutral"
        action={<LinkButton href={`/people/${person.id}`}>{words.toProfile}</LinkButton>}
        title={words.notPossible(person.name)}
      >
        {person.status !== 'DISMISSED' || !refusal ? texts.errors.refusals.NOT_DISMISSED : refusalText(refusal, texts)}
      </Alert>
    );
  }
  return <HireForm person={person} />;
}
