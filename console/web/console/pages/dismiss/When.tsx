import { useState } from 'react';
import { Button, LinkButton } from '../../kit/Button';
import { Radios } from '../../kit/Choices';
import { DateTimeField } from '../../kit/DateTimeField';
import { Field } from '../../kit/Field';
import { useZone } from '../../lib/moment';
import { useTexts } from '../../texts';
import { StepHeading } from '../handover/Steps';
import type { Draft } from './useDraft';

interface WhenProps {
  draft: Pick<Draft, 'when' | 'at' | 'reason'>;
  onChange(part: Partial<Draft>): void;
  entered: boolean;
  cancelHref: string;
  onNext(): void;
}

/** The first step: now or on a date, and why. */
export function When({ draft, onChange, entered, cancelHref, onNext }: WhenProps) {
  const texts = useTexts();
  const words = texts.dismiss;
  const zone = useZone();
  const [tried, setTried] = useState(false);
  const { when, at, reason } = draft;
  const past = when === 'date' && at !== null && Date.parse(at) <= Date.now();
  const wrong = at === null ? texts.common.invalidDate : past ? texts.errors.refusals.DATE_IN_PAST : undefined;
  return (
    <form
      className="panel step"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (when === 'now' || !wrong) onNext();
      }}
    >
      <StepHeading entered={entered}>{words.when}</StepHeading>
      <Radios
        label={words.whenLabel}
        value={when}
        onChange={(when) => onChange({ when })}
        options={[
          { value: 'now', label: words.now, hint: words.nowHint },
          { value: 'date', label: words.onDate, hint: words.onDateHint },
        ]}
      />
      {when === 'date' && (
        <DateTimeField
          label={words.dateLabel}
          value={at}
          timeZone={zone}
          onChange={(at) => onChange({ at })}
          earliest={new Date().toISOString()}
          error={(tried && wrong) || undefined}
        />
      )}
      <Field
        label={words.reason}
        hint={words.reasonHint}
        optional
        lines={3}
        maxLength={2000}
        value={reason}
        onChange={(reason) => onChange({ reason })}
      />
      <div className="actions">
        <LinkButton href={cancelHref}>{texts.common.cancel}</LinkButton>
        <Button look="primary" submit>
          {words.nextWhat}
        </Button>
      </div>
    </form>
  );
}
