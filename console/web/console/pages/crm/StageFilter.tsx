import { useEffect, useId, useState } from 'react';
import { useTexts } from '../../texts';

interface StageFilterProps {
  value: string;
  onChange(stage: string): void;
  /** Rows whose stages are suggested: every company names its own. */
  rows: readonly { stage: string | null }[];
}

/** How long somebody stops typing before it is filtered, in milliseconds. */
const PAUSE = 400;

/** A filter by the whole name of a stage. */
export function StageFilter({ value, onChange, rows }: StageFilterProps) {
  const words = useTexts().crm;
  const id = useId();
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState<readonly string[]>([]);
  const [before, setBefore] = useState(value);
  if (before !== value) {
    setBefore(value);
    setTyped(value);
  }
  const stages = rows.flatMap(({ stage }) => (stage ? [stage] : []));
  const unseen = stages.filter((stage) => !seen.includes(stage));
  // A filtered list has one stage only: those that were seen before are still suggested.
  if (unseen.length > 0) setSeen([...new Set([...seen, ...unseen])].sort());
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(onChange, seen.includes(typed) || !typed ? 0 : PAUSE, typed);
    return () => clearTimeout(timer);
  });
  return (
    <span className="stage-filter">
      <label htmlFor={id}>{words.stage}</label>
      <input
        id={id}
        list={`${id}-stages`}
        value={typed}
        placeholder={words.stageHint}
        onChange={(event) => setTyped(event.target.value)}
      />
      <datalist id={`${id}-stages`}>
        {seen.map((stage) => (
          <option key={stage} value={stage} />
        ))}
      </datalist>
    </span>
  );
}
