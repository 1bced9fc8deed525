import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { failureText } from '../lib/errors';
import { useTexts } from '../texts';
import { Button } from './Button';

export type Tone = 'neutral' | 'good' | 'warn' | 'bad';

interface AlertProps {
  tone?: Tone;
  title?: string;
  children?: ReactNode;
  /** A button that helps. */
  action?: ReactNode;
  /** Read out as soon as it appears. Not for what is there from the beginning. */
  urgent?: boolean;
}

export function Alert({ tone = 'warn', title, children, action, urgent = tone === 'bad' }: AlertProps) {
  return (
    <div className={`alert ${tone}`} role={urgent ? 'alert' : undefined}>
      {title && <strong>{title}</strong>}
      {children && <div>{children}</div>}
      {action}
    </div>
  );
}

/** Refusals of a mutation that belong to no field. */
export function Problems({ of }: { of: string[] }) {
  const texts = useTexts();
  if (of.length === 0) return null;
  return (
    <Alert tone="bad" title={texts.errors.refused}>
      {of.length === 1 ? (
        of[0]
      ) : (
        <ul>
          {of.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </Alert>
  );
}

/** A failed reading, with a button to read again. */
export function Failure({ error, onRetry }: { error: CombinedError; onRetry(): void }) {
  const texts = useTexts();
  return (
    <Alert
      tone="bad"
      title={texts.errors.title}
      action={<Button onPress={onRetry}>{texts.common.tryAgain}</Button>}
    >
      {failureText(error, texts)}
    </Alert>
  );
}
