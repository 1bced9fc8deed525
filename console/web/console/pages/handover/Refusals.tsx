import type { ReactNode } from 'react';
import { Alert } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { type UserError, refusalText } from '../../lib/errors';
import { useTexts } from '../../texts';
import type { Move } from './choices';
import { kindOf } from './plan';

/** Refusals with parts of the page of their own. */
const ELSEWHERE: readonly string[] = ['PLAN_CHANGED', 'HANDOVER_IN_PROGRESS', 'CRM_ACCESS_REQUIRED'];

interface RefusalsProps {
  of: readonly UserError[];
  moves: readonly Move[];
  onBack(): void;
  children?: ReactNode;
}

/** What a plan or its confirmation is refused for, with the kind of work that it is about. */
export function Refusals({ of, moves, onBack, children }: RefusalsProps) {
  const texts = useTexts();
  const lines = of
    .filter(({ code }) => !ELSEWHERE.includes(code))
    .map((refusal) => {
      const kind = kindOf(refusal, moves);
      const text = refusalText(refusal, texts);
      return kind ? texts.moving.about(texts.enums.workKind[kind], text) : text;
    });
  if (lines.length === 0) return null;
  const correctable = of.some((refusal) => kindOf(refusal, moves) !== undefined);
  return (
    <Alert
      tone="bad"
      title={texts.moving.cannot}
      action={
        <>
          {children}
          {correctable && <Button onPress={onBack}>{texts.moving.correct}</Button>}
        </>
      }
    >
      <ul>
        {[...new Set(lines)].map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Alert>
  );
}
