import { useState } from 'react';
import type { WorkKind } from '../../graphql';
import { Alert } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { useTexts } from '../../texts';
import { type Choices, type Line, unsettled } from '../handover/choices';
import type { People } from '../handover/names';
import { StepHeading } from '../handover/Steps';
import { WhatGoes } from '../handover/WhatGoes';

interface WhatProps {
  people: readonly { id: string; name: string }[];
  /** Null: the viewer may not hand over work. */
  lines: readonly Line[] | null;
  hasHead: boolean;
  /** Those above whom nobody leads, while something goes to the heads. */
  headless: readonly { id: string; name: string }[];
  choices: Choices;
  onChange(choices: Choices): void;
  names: People;
  entered: boolean;
  onTakeOut(ids: readonly string[]): void;
  onBack(): void;
  onNext(): void;
}

/** What all of them hold together; what is chosen is applied to each. */
export function WhatSeveral({ people, lines, hasHead, headless, choices, onChange, names, ...rest }: WhatProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const [missing, setMissing] = useState<readonly WorkKind[]>([]);
  const left = unsettled(lines ?? [], choices, hasHead);
  const next = () => {
    setMissing(left);
    if (left.length === 0) return rest.onNext();
    requestAnimationFrame(() => document.getElementById(`move-${left[0]}`)?.querySelector('select')?.focus());
  };
  const problems = left
    .filter((kind) => missing.includes(kind))
    .map((kind) => [kind, texts.moving.chooseSomebody] as const);
  return (
    <section className="panel step wide">
      <StepHeading entered={rest.entered}>{words.what}</StepHeading>
      {lines === null && <p>{words.several.workStays}</p>}
      {headless.length > 0 && (
        <Alert
          tone="warn"
          action={
            headless.length < people.length && (
              <Button onPress={() => rest.onTakeOut(headless.map(({ id }) => id))}>{words.several.takeOut}</Button>
            )
          }
        >
          {words.several.withoutHead(headless.map(({ name }) => name))}
        </Alert>
      )}
      {lines?.length === 0 && <p>{words.several.holdNothing}</p>}
      {lines && lines.length > 0 && (
        <WhatGoes
          person={null}
          except={people.map(({ id }) => id)}
          head={hasHead ? texts.moving.everyHead : null}
          lines={lines}
          choices={choices}
          onChange={onChange}
          people={names}
          problems={Object.fromEntries(problems)}
        />
      )}
      <div className="actions">
        <Button onPress={rest.onBack}>{texts.common.back}</Button>
        <Button look="primary" onPress={next}>
          {lines?.length ? words.nextPlan : words.nextConfirm}
        </Button>
      </div>
    </section>
  );
}
