import { useEffect, useMemo } from 'react';
import { getLocalTimeZone } from '@internationalized/date';
import { MOST, useList } from '../../lib/useData';
import { Failure } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Labelled } from '../../kit/Field';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { useSay, useTexts } from '../../texts';
import { EventLine } from './EventLine';
import { type Event, EventsDocument } from './documents';
import { SPAN, byDay, firstDay, startOf } from './times';

interface AgendaProps {
  calendarId: string;
  /** The first day, as it is in the address. */
  from: string;
  onFrom(from: string): void;
  onAll(): void;
  onOpen(event: Event): void;
}

const NOTHING = { nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } };

/** Four weeks of a calendar, by day. */
export function Agenda({ calendarId, from, onFrom, onAll, onOpen }: AgendaProps) {
  const { common, calendars: words } = useTexts();
  const say = useSay();
  const first = firstDay(from);
  const key = first.toString();
  const { begin, end } = useMemo(() => {
    const day = firstDay(key);
    return { begin: startOf(day), end: startOf(day.add({ days: SPAN })) };
  }, [key]);
  const list = useList(
    EventsDocument,
    { id: calendarId, from: begin.toISOString(), to: end.toISOString() },
    ({ node }) => (node?.__typename === 'Calendar' ? node.events : NOTHING),
  );
  // A day is only right with all of its events.
  const { hasMore, loadingMore, error, rows } = list;
  const more = hasMore && !loadingMore && !error && rows.length < MOST;
  useEffect(() => {
    if (more) list.more();
  });
  const { days, unclear, count } = useMemo(() => byDay(rows, begin, end), [rows, begin, end]);
  const last = first.add({ days: SPAN - 1 });
  return (
    <section className="agenda" aria-label={words.byDay}>
      <div className="filters" role="group" aria-label={words.period}>
        <Button onPress={() => onFrom(first.subtract({ days: SPAN }).toString())}>{words.earlier}</Button>
        <Button onPress={() => onFrom('')}>{words.today}</Button>
        <Button onPress={() => onFrom(first.add({ days: SPAN }).toString())}>{words.later}</Button>
        <Labelled label={words.firstDay}>
          {(control) => (
            <input
              {...control}
              type="date"
              value={key}
              onChange={(event) => event.target.value && onFrom(event.target.value)}
            />
          )}
        </Labelled>
      </div>
      <p role="status" className="count">
        {list.loading || hasMore
          ? ''
          : words.inPeriod(count, say.day(first.toString()), say.day(last.toString()), getLocalTimeZone())}
      </p>
      {error && <Failure error={error} onRetry={list.reload} />}
      {list.loading && <Skeleton />}
      {hasMore && rows.length >= MOST && <p className="note">{common.tooManyShown(rows.length)}</p>}
      {[...days].map(([day, occurrences]) => (
        <section key={day} className="panel">
          <h2>{say.longDate(startOf(firstDay(day)))}</h2>
          <ul className="events">
            {occurrences.map(({ event, start, end: ends }) => (
              <li key={`${event.id} ${start.getTime()}`}>
                <EventLine event={event} start={start} end={ends} onOpen={() => onOpen(event)} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {unclear.length > 0 && (
        <section className="panel">
          <h2>{words.unclear}</h2>
          <p className="note">{words.unclearText}</p>
          <ul className="events">
            {unclear.map((event) => (
              <li key={event.id}>
                <EventLine event={event} onOpen={() => onOpen(event)} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {!list.loading && !error && !hasMore && count + unclear.length === 0 && (
        <EmptyState action={<Button onPress={onAll}>{words.showAll}</Button>}>{words.nothing}</EmptyState>
      )}
    </section>
  );
}
