// What is there while nothing is there: while it is loaded, and when there is nothing.

import { type ReactNode, useEffect, useState } from 'react';
import { useTexts } from '../texts';

/** Why there is nothing, and the button that helps. */
export function EmptyState({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {action}
    </div>
  );
}

/** How long loading takes before it is spoken of, in milliseconds. */
const PATIENCE = 300;

/** Grey lines in place of what is loaded. */
export function Skeleton({ lines = 5 }: { lines?: number }) {
  const texts = useTexts();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="skeleton">
      <p role="status" className="hidden">
        {late ? texts.common.loading : ''}
      </p>
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} aria-hidden="true" />
      ))}
    </div>
  );
}
