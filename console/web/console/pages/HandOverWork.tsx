import { useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { Alert, Failure } from '../kit/Alert';
import { LinkButton } from '../kit/Button';
import { Page } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { refusalText } from '../lib/errors';
import { useData } from '../lib/useData';
import { useTexts } from '../texts';
import { type Head, HeadDocument } from './dismiss/queries';
import { useDraft } from './dismiss/useDraft';
import { What } from './dismiss/What';
import { ConfirmHandover } from './handing/ConfirmHandover';
import { type Holder, HolderDocument } from './handing/queries';
import { change, movesOf, peopleIn, unsettled } from './handover/choices';
import { HandoverReport } from './handover/HandoverReport';
import { useNames } from './handover/names';
import { PersonHead } from './handover/PersonHead';
import { Steps } from './handover/Steps';

/** Handing over the work of somebody, who stays or has left already. */
export default function HandOverWork({ id }: { id: string }) {
  const texts = useTexts();
  const head = useData(HeadDocument, { id });
  const person = head.data?.user;
  if (person) return <About key={id} person={person} />;
  return (
    <Page title={texts.dismissal.handOver} above={{ href: '/people', label: texts.people.title }}>
      {head.error && <Failure error={head.error} onRetry={head.reload} />}
      {head.loading && <Skeleton lines={6} />}
      {person === null && (
        <EmptyState action={<LinkButton href="/people">{texts.dismiss.toPeople}</LinkButton>}>
          {texts.dismiss.nobody}
        </EmptyState>
      )}
    </Page>
  );
}

function About({ person }: { person: Head }) {
  const texts = useTexts();
  const words = texts.dismiss.handing;
  const [path] = useLocation();
  const { data, error, loading, reload } = useData(HolderDocument, { id: person.id });
  const progress = new URLSearchParams(useSearch()).get('progress');
  const holder = data?.user;
  const refused = holder?.viewerCan.handOver;
  const title = progress ? words.started(person.name) : words.title(person.name);
  return (
    <Page
      key={progress ? 'report' : 'flow'}
      title={title}
      above={{ href: `/people/${person.id}`, label: person.name }}
      head={(heading) => <PersonHead person={person} title={title} heading={heading} />}
    >
      {progress && (
        <HandoverReport id={progress}>
          <LinkButton href={path}>{words.again}</LinkButton>
          <LinkButton href={`/people/${person.id}`}>{texts.dismiss.toProfile}</LinkButton>
        </HandoverReport>
      )}
      {!progress && error && !holder && <Failure error={error} onRetry={reload} />}
      {!progress && loading && <Skeleton lines={8} />}
      {!progress && refused && (
        <section className="panel step">
          <Alert tone="warn">{refusalText(refused, texts)}</Alert>
        </section>
      )}
      {!progress && holder && !refused && <Flow person={person} holder={holder} onFailed={reload} />}
    </Page>
  );
}

function Flow({ person, holder }: { person: Head; holder: Holder; onFailed(): void }) {
  const texts = useTexts();
  const words = texts.dismiss;
  const [path, go] = useLocation();
  const search = useSearch();
  const { draft, set, textsLost, forget } = useDraft(`hand-over.${person.id}`);
  const { choices } = draft;
  const people = useNames(peopleIn(choices));
  const [entered, setEntered] = useState(false);
  const [nothing, setNothing] = useState(false);
  const { head } = holder;
  const lines = useMemo(() => holder.work?.lines ?? [], [holder.work]);
  const moves = useMemo(() => movesOf(lines, choices, head !== null), [lines, choices, head]);
  const open = unsettled(lines, choices, head !== null).length > 0 || moves.length === 0;
  const step = new URLSearchParams(search).get('step') === '2' && !open ? 2 : 1;
  const hrefOf = (to: number) => `${path}?step=${to}`;
  const enter = (to: number) => {
    setEntered(true);
    go(hrefOf(to));
  };
  if (holder.work?.total === 0) {
    return (
      <EmptyState action={<LinkButton href={`/people/${person.id}`}>{words.toProfile}</LinkButton>}>
        {texts.moving.holdsNothing(person.name)}
      </EmptyState>
    );
  }
  return (
    <>
      <Steps label={words.steps} steps={[words.what, words.confirm]} current={step} hrefOf={hrefOf} />
      {textsLost && <Alert tone="neutral">{words.textsLost}</Alert>}
      {nothing && moves.length === 0 && <Alert tone="bad">{words.handing.pick}</Alert>}
      {step === 1 && (
        <>
          {person.status !== 'DISMISSED' && <p className="note">{words.handing.keepsAccount(person.name)}</p>}
          <What
            person={person}
            head={head}
            work={holder.work}
            choices={choices}
            onChange={(choices) => set({ choices })}
            people={people}
            problems={{}}
            entered={entered}
            onNext={() => (moves.length === 0 ? setNothing(true) : enter(2))}
          />
        </>
      )}
      {step === 2 && (
        <ConfirmHandover
          person={person}
          moves={moves}
          entered={entered}
          onStay={(kind) => set({ choices: change(kind, { to: 'stay' }, choices, head !== null) })}
          onBack={() => enter(1)}
          onDone={(handover) => {
            forget();
            go(`${path}?progress=${handover}`, { replace: true });
          }}
        />
      )}
    </>
  );
}
