import { useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { Alert, Failure } from '../kit/Alert';
import { LinkButton } from '../kit/Button';
import { Page } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { tell } from '../kit/Status';
import { useZone } from '../lib/moment';
import { readPicked } from '../lib/peopleFilter';
import { useSay, useTexts } from '../texts';
import { useViewer } from '../viewer';
import { useDraft } from './dismiss/useDraft';
import { When } from './dismiss/When';
import { choiceFor, movesOf, peopleIn, unsettled } from './handover/choices';
import { useNames } from './handover/names';
import { Steps } from './handover/Steps';
import { ConfirmSeveral } from './several/ConfirmSeveral';
import type { PickedPerson } from './several/queries';
import { SeveralReport } from './several/SeveralReport';
import { usePickedPeople } from './several/usePickedPeople';
import { addRemaining } from './several/useSeveralPlans';
import { WhatSeveral } from './several/WhatSeveral';
import { Who } from './several/Who';

/** Dismissing several people together: all of them, or none. */
export default function DismissSeveral() {
  const texts = useTexts();
  const words = texts.dismiss.several;
  const search = useSearch();
  const picked = useMemo(() => {
    const params = new URLSearchParams(search);
    params.delete('step');
    return params.toString();
  }, [search]);
  const { people, error, reload } = usePickedPeople(picked);
  const [passed, setPassed] = useState<readonly string[]>([]);
  const gone = people !== undefined && people.length > 0 && people.every(({ status }) => status === 'DISMISSED');
  const count = people?.length ?? 0;
  const title = gone ? words.done(count) : count > 0 ? words.title(count) : texts.dismissal.dismissSeveral;
  return (
    <Page key={gone ? 'report' : 'flow'} title={title} above={{ href: '/people', label: texts.people.title }}>
      {error && <Failure error={error} onRetry={reload} />}
      {!people && !error && <Skeleton lines={8} />}
      {people?.length === 0 && (
        <EmptyState action={<LinkButton href="/people">{texts.dismiss.toPeople}</LinkButton>}>{words.none}</EmptyState>
      )}
      {gone && <SeveralReport people={people} passed={passed} />}
      {people && count > 0 && !gone && (
        <Flow
          people={people}
          picked={picked}
          onDone={(passed) => {
            setPassed(passed);
            reload();
          }}
        />
      )}
    </Page>
  );
}

interface FlowProps {
  people: readonly PickedPerson[];
  picked: string;
  onDone(passed: string[]): void;
}

function Flow({ people, picked, onDone }: FlowProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const say = useSay();
  const zone = useZone();
  const { may } = useViewer();
  const [path, go] = useLocation();
  const params = new URLSearchParams(useSearch());
  const { draft, set, textsLost, forget } = useDraft('dismiss.several');
  const { choices } = draft;
  const names = useNames(peopleIn(choices));
  const [entered, setEntered] = useState(false);
  const mayReassign = may('REASSIGN_WORK');
  const lines = useMemo(() => {
    const none = { total: 0, lines: [] };
    return people.reduce((sum, { work }) => (work ? addRemaining(sum, work) : sum), none as ReturnType<typeof addRemaining>)
      .lines;
  }, [people]);
  const headless = people.filter(({ head }) => !head);
  const hasHead = headless.length < people.length;
  const moves = useMemo(
    () => (mayReassign ? movesOf(lines, choices, hasHead) : []),
    [mayReassign, lines, choices, hasHead],
  );
  const refused = people.some(({ viewerCan }) => viewerCan.dismiss);
  const open = mayReassign && unsettled(lines, choices, hasHead).length > 0;
  const asked = Number(params.get('step') ?? 1);
  const step = refused || !(asked > 1) ? 1 : asked === 3 && !open ? 3 : 2;
  const hrefOf = (to: number) => `${path}?${picked}&step=${to}`;
  const enter = (to: number) => {
    setEntered(true);
    go(hrefOf(to));
  };
  const takeOut = (ids: readonly string[]) => go(without(path, picked, ids), { replace: true });
  const toHead = lines.some(({ kind }) => choiceFor(kind, choices, hasHead).to === 'head');
  return (
    <>
      <Steps label={words.steps} steps={[words.when, words.what, words.confirm]} current={step} hrefOf={hrefOf} />
      {textsLost && <Alert tone="neutral">{words.textsLost}</Alert>}
      {step === 1 && (
        <>
          <Who people={people} onTakeOut={takeOut} />
          {!refused && (
            <When draft={draft} onChange={set} entered={entered} cancelHref="/people" onNext={() => enter(2)} />
          )}
        </>
      )}
      {step === 2 && (
        <WhatSeveral
          people={people}
          lines={mayReassign ? lines : null}
          hasHead={hasHead}
          headless={toHead ? headless : []}
          choices={choices}
          onChange={(choices) => set({ choices })}
          names={names}
          entered={entered}
          onTakeOut={takeOut}
          onBack={() => enter(1)}
          onNext={() => enter(3)}
        />
      )}
      {step === 3 && (
        <ConfirmSeveral
          people={people}
          draft={draft}
          moves={moves}
          mayReassign={mayReassign}
          entered={entered}
          onTakeOut={takeOut}
          onBack={() => enter(2)}
          onDone={(passed) => {
            forget();
            if (draft.when === 'date') {
              tell(words.several.scheduled(people.length, say.date(draft.at ?? '', zone)));
              return go('/dismissals?state=scheduled');
            }
            // By their ids from now on: a filter may leave out the dismissed.
            go(`${path}?ids=${people.map(({ id }) => id).join(',')}`, { replace: true });
            onDone(passed);
          }}
        />
      )}
    </>
  );
}

/** The address without some people. */
function without(path: string, picked: string, ids: readonly string[]): string {
  const params = new URLSearchParams(picked);
  const before = readPicked(picked);
  if (before.all) params.set('except', [...before.ids, ...ids].join(','));
  else params.set('ids', before.ids.filter((id) => !ids.includes(id)).join(','));
  return `${path}?${params}`;
}
