import { useList } from '../../lib/useData';
import { Button } from '../../kit/Button';
import { DataTable } from '../../kit/DataTable';
import { useSay, useTexts } from '../../texts';
import { recurrenceWords } from './recurrence';
import { type Event, EventsDocument } from './documents';

const NOTHING = { nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } };

/** All events of a calendar, also those that have no time. */
export function AllEvents({ calendarId, onOpen }: { calendarId: string; onOpen(event: Event): void }) {
  const texts = useTexts();
  const words = texts.calendars;
  const say = useSay();
  const list = useList(EventsDocument, { id: calendarId, from: null, to: null }, ({ node }) =>
    node?.__typename === 'Calendar' ? node.events : NOTHING,
  );
  return (
    <DataTable
      label={words.all}
      list={list}
      count={words.count}
      keyOf={({ id }) => id}
      empty={words.noEvents}
      head={{
        label: words.eventTitle,
        cell: (event) => (
          <Button look="link" onPress={() => onOpen(event)}>
            {event.title}
          </Button>
        ),
      }}
      columns={[
        {
          id: 'starts',
          label: words.starts,
          cell: ({ startsAt }) => (startsAt ? say.dateTime(startsAt) : words.noTime),
        },
        { id: 'recurs', label: words.recurs, cell: (event) => recurrenceWords(event, texts, say) },
        { id: 'location', label: words.location, cell: ({ location }) => location },
        { id: 'organizer', label: words.organizer, cell: ({ organizer }) => organizer.name },
      ]}
    />
  );
}
