import { type InputHTMLAttributes, type ReactNode, useId } from 'react';
import { useTexts } from '../texts';

interface FrameProps {
  label: ReactNode;
  /** What to enter, below the field. */
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  hideLabel?: boolean;
}

/** The label, the hint and the problem of a control; `children` gets what connects it to them. */
export function Labelled({
  label,
  hint,
  error,
  optional,
  hideLabel,
  children,
}: FrameProps & {
  children(control: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }): ReactNode;
}) {
  const id = useId();
  const texts = useTexts();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? 'hidden' : undefined}>
        {label} {optional && <small>{texts.common.optional}</small>}
      </label>
      {children({
        id,
        ...(described ? { 'aria-describedby': described } : {}),
        ...(error ? { 'aria-invalid': true as const } : {}),
      })}
      {hint && (
        <small id={`${id}-hint`} className="hint">
          {hint}
        </small>
      )}
      {error && (
        <small id={`${id}-error`} className="problem">
          {error}
        </small>
      )}
    </div>
  );
}

type InputProps = Pick<
  InputHTMLAttributes<HTMLInputElement>,
  'type' | 'name' | 'autoComplete' | 'autoFocus' | 'required' | 'readOnly' | 'disabled' | 'maxLength' | 'placeholder'
>;

interface FieldProps extends FrameProps, InputProps {
  value?: string;
  defaultValue?: string;
  onChange?(value: string): void;
  /** Several lines, with this many shown. */
  lines?: number;
}

/** A field for text. */
export function Field({ label, hint, error, optional, hideLabel, lines, onChange, type, ...input }: FieldProps) {
  return (
    <Labelled {...{ label, hint, error, optional: optional ?? false, hideLabel: hideLabel ?? false }}>
      {(control) =>
        lines ? (
          <textarea {...control} {...input} rows={lines} onChange={(event) => onChange?.(event.target.value)} />
        ) : (
          <input
            {...control}
            {...input}
            type={type ?? 'text'}
            onChange={(event) => onChange?.(event.target.value)}
          />
        )
      }
    </Labelled>
  );
}
