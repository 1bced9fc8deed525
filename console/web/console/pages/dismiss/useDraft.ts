// What is being decided about somebody. Choices and ids are kept over a reload; what was typed is not.

import { useCallback, useEffect, useMemo, useState } from 'react';
import { forgetDraft, readDraft, saveDraft } from '../../lib/drafts';
import { type Choices, NO_CHOICES } from '../handover/choices';

export interface Draft {
  when: 'now' | 'date';
  /** A point in time; null while it is not complete. */
  at: string | null;
  reason: string;
  choices: Choices;
  /** Secrets of integrations that go on for some days. */
  keep: readonly string[];
}

interface Stored extends Omit<Draft, 'reason'> {
  /** Something was typed that is gone after a reload. */
  texts: boolean;
}

/** In a week, at the end of the working day. */
function inAWeek(): string {
  const day = new Date();
  day.setDate(day.getDate() + 7);
  day.setHours(17, 0, 0, 0);
  return day.toISOString();
}

const empty = (): Draft => ({ when: 'now', at: inAWeek(), reason: '', choices: NO_CHOICES, keep: [] });

export const draftName = (userId: string): string => `dismiss.${userId}`;

export interface Drafting {
  draft: Draft;
  set(part: Partial<Draft>): void;
  /** A reload has taken what was typed. */
  textsLost: boolean;
  forget(): void;
}

export function useDraft(name: string, start: Partial<Draft> = {}): Drafting {
  const stored = useMemo(() => readDraft<Stored>(name), [name]);
  const [draft, setDraft] = useState<Draft>(() => {
    if (!stored) return { ...empty(), ...start };
    const { texts: _, ...choices } = stored;
    return { ...empty(), ...choices };
  });
  const [textsLost, setLost] = useState(stored?.texts ?? false);
  const [touched, setTouched] = useState(false);
  useEffect(() => {
    if (!touched) return;
    const { reason, choices, ...rest } = draft;
    const sharing = { ...choices.sharing, folder: '' };
    const texts = reason !== '' || choices.sharing.folder !== '';
    saveDraft(name, { ...rest, choices: { ...choices, sharing }, texts } satisfies Stored);
  }, [draft, name, touched]);
  const set = useCallback((part: Partial<Draft>) => {
    setTouched(true);
    if (part.reason !== undefined) setLost(false);
    setDraft((before) => ({ ...before, ...part }));
  }, []);
  const forget = useCallback(() => {
    setTouched(false);
    forgetDraft(name);
  }, [name]);
  return { draft, set, textsLost, forget };
}
