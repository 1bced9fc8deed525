// Native controls for choices.

import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Labelled } from './Field';

interface Option<T extends string> {
  value: T;
  label: string;
  disabled?: boolean;
}

interface SelectProps<T extends string> {
  label: ReactNode;
  value: T;
  options: readonly Option<T>[];
  onChange(value: T): void;
  hint?: ReactNode;
  error?: string | undefined;
  hideLabel?: boolean;
  disabled?: boolean;
  name?: string;
}

/** For short, fixed lists. */
export function Select<T extends string>({ options, value, onChange, disabled, name, ...frame }: SelectProps<T>) {
  return (
    <Labelled {...frame}>
      {(control) => (
        <select
          {...control}
          name={name}
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value as T)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

interface CheckboxProps {
  label: ReactNode;
  checked: boolean;
  onChange(checked: boolean, event: { shiftKey: boolean }): void;
  /** Some of what it stands for. */
  partly?: boolean;
  hideLabel?: boolean;
  disabled?: boolean;
  hint?: ReactNode;
  /** How many are behind it: to be seen, and no part of its name. */
  count?: string | undefined;
  name?: string;
}

export function Checkbox({ label, checked, onChange, partly = false, ...rest }: CheckboxProps) {
  const { hideLabel, disabled, hint, count, name } = rest;
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = partly;
  }, [partly]);
  return (
    <span className="checkbox">
      <label>
        <input
          ref={box}
          type="checkbox"
          name={name}
          checked={checked}
          disabled={disabled}
          aria-describedby={hint ? id : undefined}
          onChange={(event) =>
            onChange(event.target.checked, { shiftKey: (event.nativeEvent as MouseEvent).shiftKey ?? false })
          }
        />
        <span className={hideLabel ? 'hidden' : undefined}>{label}</span>
        {count && (
          <small className="count" aria-hidden="true">
            {count}
          </small>
        )}
      </label>
      {hint && (
        <small id={id} className="hint">
          {hint}
        </small>
      )}
    </span>
  );
}

interface RadiosProps<T extends string> {
  label: ReactNode;
  value: T;
  options: readonly (Option<T> & { hint?: ReactNode; count?: string | undefined })[];
  onChange(value: T): void;
  /** In one line, as parts of one control. */
  segments?: boolean;
  hideLabel?: boolean;
}

/** One of a few. */
export function Radios<T extends string>({ label, value, options, onChange, segments, hideLabel }: RadiosProps<T>) {
  const name = useId();
  return (
    <fieldset className={segments ? 'segments' : 'radios'}>
      <legend className={hideLabel ? 'hidden' : undefined}>{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            disabled={option.disabled}
            aria-describedby={option.hint ? `${name}-${option.value}` : undefined}
            onChange={() => onChange(option.value)}
          />
          <span>
            {option.label}
            {option.count && (
              <small className="count" aria-hidden="true">
                {option.count}
              </small>
            )}
            {option.hint && <small id={`${name}-${option.value}`}>{option.hint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
