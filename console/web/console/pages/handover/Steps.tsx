import { useEffect, useRef } from 'react';
import { Link } from 'wouter';

interface StepsProps {
  label: string;
  steps: readonly string[];
  /** Counted from 1. */
  current: number;
  hrefOf(step: number): string;
}

/** Where one is in a flow of several steps; the ones before are links. */
export function Steps({ label, steps, current, hrefOf }: StepsProps) {
  return (
    <ol className="steps" aria-label={label}>
      {steps.map((name, index) => {
        const step = index + 1;
        return (
          <li key={name} aria-current={step === current ? 'step' : undefined} data-done={step < current || undefined}>
            {step < current ? <Link href={hrefOf(step)}>{name}</Link> : <span>{name}</span>}
          </li>
        );
      })}
    </ol>
  );
}

/** The heading of a step. It takes the focus when the step is entered by a button. */
export function StepHeading({ children, entered }: { children: string; entered: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!entered) return;
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [entered]);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}
