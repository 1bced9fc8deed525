import { useState } from 'react';
import type { WorkKind } from '../../graphql';
import { Button } from '../../kit/Button';
import { useTexts } from '../../texts';
import { type Choices, type Line, unsettled } from '../handover/choices';
import type { People } from '../handover/names';
import { StepHeading } from '../handover/Steps';
import { WhatGoes } from '../handover/WhatGoes';

interface WhatProps {
  person: { id: string; name: string };
  head: { name: string } | null;
  /** Null: the viewer may not hand over work. */
  work: { total: number; lines: Line[] } | null;
  choices: Choices;
  onChange(choices: Choices): void;
  people: People;
  problems: Partial<Record<WorkKind, string>>;
  entered: boolean;
  onBack?(): void;
  onNext(): void;
}

/** The second step: what the person holds, and who gets it. */
export function What({ person, head, work, choices, onChange, people, problems, entered, onBack, onNext }: WhatProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const { moving } = texts;
  const [missing, setMissing] = useState<readonly WorkKind[]>([]);
  const lines = work?.lines ?? [];
  const next = () => {
    const left = unsettled(lines, choices, head !== null);
    setMissing(left);
    if (left.length === 0) return onNext();
    // Once the problem is at its place.
    requestAnimationFrame(() => document.getElementById(`move-${left[0]}`)?.querySelector('select')?.focus());
  };
  const still = unsettled(lines, choices, head !== null).filter((kind) => missing.includes(kind));
  return (
    <section className="panel step wide">
      <StepHeading entered={entered}>{words.what}</StepHeading>
      {work === null && <p>{words.workStays(person.name)}</p>}
      {work?.total === 0 && <p>{moving.holdsNothing(person.name)}</p>}
      {work && work.total > 0 && (
        <>
          <p>
            {moving.holds(person.name, work.total)} {head ? moving.headIs(head.name) : moving.noHead}
          </p>
          <WhatGoes
            person={person}
            except={[person.id]}
            head={head && moving.head(head.name)}
            lines={lines}
            choices={choices}
            onChange={onChange}
            people={people}
            problems={{ ...problems, ...Object.fromEntries(still.map((kind) => [kind, moving.chooseSomebody])) }}
          />
          <p className="note">{moving.notCovered}</p>
        </>
      )}
      <div className="actions">
        {onBack && <Button onPress={onBack}>{texts.common.back}</Button>}
        <Button look="primary" onPress={next}>
          {lines.length > 0 ? words.nextPlan : words.nextConfirm}
        </Button>
      </div>
    </section>
  );
}
