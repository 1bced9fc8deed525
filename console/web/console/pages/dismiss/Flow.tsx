import { useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { Alert } from '../../kit/Alert';
import { useMoment } from '../../lib/moment';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { change, movesOf, peopleIn, unsettled } from '../handover/choices';
import { useNames } from '../handover/names';
import { Steps } from '../handover/Steps';
import { Confirm, type Done } from './Confirm';
import type { Head, Leaver } from './queries';
import { What } from './What';
import { When } from './When';
import { draftName, useDraft } from './useDraft';

interface FlowProps {
  person: Head;
  leaver: Leaver;
  onDone(done: Done): void;
}

/** The three steps. Which one is shown is in the address: Back goes back. */
export function Flow({ person, leaver, onDone }: FlowProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const moment = useMoment('full');
  const { may } = useViewer();
  const [path, go] = useLocation();
  const search = useSearch();
  const scheduled = leaver.dismissal?.state === 'SCHEDULED' ? leaver.dismissal : null;
  const { draft, set, textsLost, forget } = useDraft(
    draftName(person.id),
    scheduled ? { when: 'date', at: scheduled.effectiveAt, reason: scheduled.reason ?? '' } : {},
  );
  const people = useNames(peopleIn(draft.choices));
  const [entered, setEntered] = useState(false);
  const head = leaver.head;
  const lines = useMemo(() => leaver.work?.lines ?? [], [leaver.work]);
  const moves = useMemo(() => movesOf(lines, draft.choices, head !== null), [lines, draft.choices, head]);

  const asked = Number(new URLSearchParams(search).get('step') ?? 1);
  // Nobody comes to the last step by its address with something left open.
  const open = unsettled(lines, draft.choices, head !== null).length > 0;
  const step = asked === 3 ? (open ? 2 : 3) : asked === 2 ? 2 : 1;
  const hrefOf = (to: number) => `${path}?step=${to}`;
  const enter = (to: number) => {
    setEntered(true);
    go(hrefOf(to));
  };
  return (
    <>
      <Steps label={words.steps} steps={[words.when, words.what, words.confirm]} current={step} hrefOf={hrefOf} />
      {scheduled && <Alert tone="neutral">{words.changing(moment(scheduled.effectiveAt))}</Alert>}
      {textsLost && <Alert tone="neutral">{words.textsLost}</Alert>}
      {step === 1 && (
        <When
          entered={entered}
          draft={draft}
          onChange={set}
          cancelHref={scheduled ? path : `/people/${person.id}`}
          onNext={() => enter(2)}
        />
      )}
      {step === 2 && (
        <What
          entered={entered}
          person={person}
          head={head}
          work={may('REASSIGN_WORK') ? (leaver.work ?? null) : null}
          choices={draft.choices}
          onChange={(choices) => set({ choices })}
          people={people}
          problems={{}}
          onBack={() => enter(1)}
          onNext={() => enter(3)}
        />
      )}
      {step === 3 && (
        <Confirm
          entered={entered}
          person={person}
          draft={draft}
          moves={moves}
          onChange={set}
          onStay={(kind) => set({ choices: change(kind, { to: 'stay' }, draft.choices, head !== null) })}
          onBack={() => enter(2)}
          onDone={(done) => {
            forget();
            onDone(done);
          }}
        />
      )}
    </>
  );
}
