import { useEffect, useState } from 'react';
import { parseAbsolute, today } from '@internationalized/date';
import { FREQUENCIES, type Frequency, type Rule, WEEKDAYS, readRule, weekdayName, writeRule } from '../../lib/recurrence';
import { Checkbox, Select } from '../../kit/Choices';
import { Field } from '../../kit/Field';
import { useSay, useTexts } from '../../texts';
import { type End, joinEnd, splitEnd } from './recurrence';

interface RecurrenceProps {
  /** A rule, or nothing. */
  value: string;
  onChange(rule: string): void;
  startsAt: string | null;
  zone: string;
  error: string | undefined;
}

/** The weekday of the start: a rule has to begin with it. */
function weekdayOf(startsAt: string | null, zone: string) {
  if (!startsAt) return undefined;
  const { year, month, day } = parseAbsolute(new Date(startsAt).toISOString(), zone);
  return WEEKDAYS[(new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7];
}

/** How often an event takes place, and until when. */
export function EventRecurrence({ value, onChange, startsAt, zone, error }: RecurrenceProps) {
  const texts = useTexts();
  const words = texts.calendars;
  const say = useSay();
  const { rule: base, end } = splitEnd(value, zone);
  const rule = value ? readRule(base) : null;
  const [own, setOwn] = useState(value !== '' && rule === null);
  const first = weekdayOf(startsAt, zone);
  const shown: Frequency | 'NONE' | 'OWN' = own ? 'OWN' : (rule?.frequency ?? 'NONE');

  const write = (next: Rule, until: End = end) => {
    const weekdays = WEEKDAYS.filter((day) => next.weekdays.includes(day) || day === first);
    const several = next.frequency === 'WEEKLY' && next.weekdays.length > 0 && weekdays.length > 1;
    onChange(joinEnd(writeRule({ ...next, weekdays: several ? weekdays : [] }), until, zone));
  };
  // The start has moved to another day, which a rule with days has to have.
  useEffect(() => {
    if (!own && rule && rule.weekdays.length > 0 && first && !rule.weekdays.includes(first)) write(rule);
  });
  const choose = (next: Frequency | 'NONE' | 'OWN') => {
    setOwn(next === 'OWN');
    if (next === 'NONE') onChange('');
    else if (next !== 'OWN') write({ frequency: next, interval: rule?.interval ?? 1, weekdays: [] });
    else if (!value) onChange('FREQ=');
  };
  const chooseEnd = (kind: End['kind']) => {
    if (!rule) return;
    if (kind === 'count') write(rule, { kind, count: 10 });
    else if (kind === 'until') write(rule, { kind, day: today(zone).add({ months: 3 }).toString() });
    else write(rule, { kind: 'never' });
  };
  return (
    <fieldset className="recurs">
      <legend>{words.recurs}</legend>
      <div className="two">
        <Select<Frequency | 'NONE' | 'OWN'>
          label={texts.tasks.rule.frequency}
          value={shown}
          onChange={choose}
          error={rule || own ? undefined : error}
          options={[
            { value: 'NONE', label: words.once },
            ...FREQUENCIES.map((one) => ({ value: one, label: texts.tasks.rule[one] })),
            { value: 'OWN', label: texts.tasks.rule.OTHER },
          ]}
        />
        {rule && !own && (
          <NumberField
            label={words.interval[rule.frequency]}
            value={rule.interval}
            onChange={(interval) => write({ ...rule, interval })}
          />
        )}
      </div>
      {own && (
        <Field
          label={texts.tasks.rule.own}
          hint={texts.tasks.rule.ownHint}
          value={value}
          onChange={onChange}
          error={error}
          maxLength={500}
        />
      )}
      {rule && !own && rule.frequency === 'WEEKLY' && (
        <fieldset className="weekdays">
          <legend>{texts.tasks.rule.weekdays}</legend>
          {WEEKDAYS.map((day) => (
            <Checkbox
              key={day}
              label={weekdayName(day, say)}
              checked={day === first || rule.weekdays.includes(day)}
              disabled={day === first}
              onChange={(on) =>
                write({ ...rule, weekdays: on ? [...rule.weekdays, day] : rule.weekdays.filter((one) => one !== day) })
              }
            />
          ))}
        </fieldset>
      )}
      {rule && !own && (
        <div className="two">
          <Select<End['kind']>
            label={words.endsRule}
            value={end.kind}
            onChange={chooseEnd}
            error={error}
            options={[
              { value: 'never', label: words.never },
              { value: 'until', label: words.onDay },
              { value: 'count', label: words.afterTimes },
            ]}
          />
          {end.kind === 'count' && (
            <NumberField
              label={words.howManyTimes}
              value={end.count}
              onChange={(count) => write(rule, { kind: 'count', count })}
            />
          )}
          {end.kind === 'until' && (
            <Field
              label={words.lastDay}
              type="date"
              value={end.day}
              onChange={(day) => day && write(rule, { kind: 'until', day })}
            />
          )}
        </div>
      )}
    </fieldset>
  );
}

/** A whole number above zero; while it is none, the last one counts. */
function NumberField({ label, value, onChange }: { label: string; value: number; onChange(value: number): void }) {
  const [typed, setTyped] = useState(String(value));
  return (
    <Field
      label={label}
      type="number"
      value={typed}
      onChange={(next) => {
        setTyped(next);
        const number = Math.trunc(Number(next));
        if (number >= 1 && number <= 1_000) onChange(number);
      }}
    />
  );
}
