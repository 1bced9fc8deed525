import { useState } from 'react';
import { Failure } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { type List, MOST, PAGE } from '../../lib/useData';
import { useSay, useTexts } from '../../texts';
import { Details } from './Details';
import { Sentence, sentenceOf } from './Sentence';
import type { Entry } from './documents';

const dayOf = ({ at }: Entry) => new Date(at).toDateString();

/** The entries of each day, in their order. */
function byDay(entries: readonly Entry[]): Entry[][] {
  const days: Entry[][] = [];
  for (const entry of entries) {
    const last = days.at(-1);
    if (last && dayOf(last[0]!) === dayOf(entry)) last.push(entry);
    else days.push([entry]);
  }
  return days;
}

/** The log, newest first, under a heading for each day. */
export function Log({ list, empty }: { list: List<Entry>; empty: string }) {
  const texts = useTexts();
  const words = texts.audit;
  const say = useSay();
  const { rows, total } = list;
  return (
    <div className="list" aria-busy={list.loading}>
      <div className="list-head">
        <p role="status" className="count">
          {total === null ? '' : words.count(total)}
        </p>
      </div>
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.loading && <Skeleton lines={8} />}
      {byDay(rows).map((entries) => (
        <section key={dayOf(entries[0]!)} className="day-of-log">
          <h2>{say.longDate(entries[0]!.at)}</h2>
          <ul>
            {entries.map((entry) => (
              <Line key={entry.id} entry={entry} />
            ))}
          </ul>
        </section>
      ))}
      {!list.loading && !list.error && rows.length === 0 && <EmptyState>{empty}</EmptyState>}
      {list.hasMore &&
        (rows.length < MOST ? (
          <Button wide pending={list.loadingMore} onPress={list.more}>
            {texts.common.showMore(total === null ? PAGE : Math.min(PAGE, total - rows.length))}
          </Button>
        ) : (
          <p className="note">{texts.common.tooManyShown(rows.length)}</p>
        ))}
    </div>
  );
}

function Line({ entry }: { entry: Entry }) {
  const texts = useTexts();
  const say = useSay();
  const [open, setOpen] = useState(false);
  return (
    <li>
      <time dateTime={entry.at}>{say.time(entry.at)}</time>
      <p>
        <Sentence entry={entry} />
      </p>
      <Button look="link" aria-expanded={open} onPress={() => setOpen(!open)}>
        {texts.audit.details}
        <span className="hidden"> – {sentenceOf(entry, texts)}</span>
      </Button>
      {open && <Details entry={entry} />}
    </li>
  );
}
