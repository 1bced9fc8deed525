import { useState } from 'react';
import { FREQUENCIES, type Frequency, WEEKDAYS, readRule, weekdayName, writeRule } from '../lib/recurrence';
import { useSay, useTexts } from '../texts';
import { Checkbox, Select } from './Choices';
import { Field } from './Field';

interface RecurrenceFieldProps {
  /** An RRULE. */
  value: string;
  onChange(rule: string): void;
  error?: string | undefined;
}

/** How often something comes again: by choices, or by a rule that is written out. */
export function RecurrenceField({ value, onChange, error }: RecurrenceFieldProps) {
  const texts = useTexts();
  const words = texts.tasks.rule;
  const say = useSay();
  const rule = readRule(value);
  const [own, setOwn] = useState(rule === null);
  const frequency: Frequency | 'OTHER' = own || !rule ? 'OTHER' : rule.frequency;
  const choose = (next: Frequency | 'OTHER') => {
    setOwn(next === 'OTHER');
    if (next !== 'OTHER') onChange(writeRule({ frequency: next, interval: rule?.interval ?? 1, weekdays: [] }));
  };
  return (
    <div className="recurrence">
      <Select
        label={words.frequency}
        value={frequency}
        onChange={choose}
        options={[...FREQUENCIES, 'OTHER' as const].map((one) => ({ value: one, label: words[one] }))}
        error={frequency === 'OTHER' ? undefined : error}
      />
      {frequency === 'OTHER' || !rule ? (
        <Field label={words.own} value={value} maxLength={500} hint={words.ownHint} error={error} onChange={onChange} />
      ) : (
        <>
          <Field
            label={words.interval}
            type="number"
            value={String(rule.interval)}
            onChange={(count) => onChange(writeRule({ ...rule, interval: Math.max(1, Math.trunc(Number(count)) || 1) }))}
          />
          {rule.frequency === 'WEEKLY' && (
            <fieldset className="weekdays">
              <legend>{words.weekdays}</legend>
              {WEEKDAYS.map((day) => (
                <Checkbox
                  key={day}
                  label={weekdayName(day, say)}
                  checked={rule.weekdays.includes(day)}
                  onChange={(on) =>
                    onChange(
                      writeRule({
                        ...rule,
                        weekdays: WEEKDAYS.filter((one) => (one === day ? on : rule.weekdays.includes(one))),
                      }),
                    )
                  }
                />
              ))}
            </fieldset>
          )}
        </>
      )}
      <small className="hint">{words.utc}</small>
    </div>
  );
}
