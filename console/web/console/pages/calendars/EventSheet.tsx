import { useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { Facts } from '../../kit/Page';
import { useSay, useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { EventForm } from './EventForm';
import { recurrenceWords } from './recurrence';
import type { Event } from './documents';

interface SheetProps {
  calendarId: string;
  /** The viewer may change all events of the calendar. */
  manages: boolean;
  opened: Event | 'new' | undefined;
  onClose(): void;
}

/** An event: what is known of it, and changing it. */
export function EventSheet({ calendarId, manages, opened, onClose }: SheetProps) {
  const { calendars: words } = useTexts();
  const [editing, setEditing] = useState<string>();
  const event = opened === 'new' ? undefined : opened;
  const isForm = opened === 'new' || (event !== undefined && editing === event.id);
  const close = () => {
    setEditing(undefined);
    onClose();
  };
  return (
    <Dialog
      title={opened === 'new' ? words.newEventTitle : (event?.title ?? '')}
      isOpen={opened !== undefined}
      onClose={close}
      sheet
    >
      {isForm ? (
        <EventForm calendarId={calendarId} event={event} onClose={close} />
      ) : (
        event && <Details event={event} manages={manages} onEdit={() => setEditing(event.id)} />
      )}
    </Dialog>
  );
}

function Details({ event, manages, onEdit }: { event: Event; manages: boolean; onEdit(): void }) {
  const texts = useTexts();
  const words = texts.calendars;
  const say = useSay();
  const { user } = useViewer();
  const { startsAt, endsAt, location, organizer, attendees, timezone } = event;
  return (
    <>
      <Facts
        of={[
          [words.starts, startsAt ? say.dateTime(startsAt) : words.noTime],
          ...(endsAt ? [[words.ends, say.dateTime(endsAt)] as const] : []),
          [words.recurs, recurrenceWords(event, texts, say)],
          [words.timezone, timezone ?? 'UTC'],
          ...(location ? [[words.location, location] as const] : []),
          [words.organizer, <Link href={`/people/${organizer.id}`}>{organizer.name}</Link>],
          [
            words.attendees,
            <ul>
              {attendees.map(({ id, name }) => (
                <li key={id}>
                  <Link href={`/people/${id}`}>{name}</Link>
                </li>
              ))}
            </ul>,
          ],
        ]}
      />
      {(manages || organizer.id === user.id) && (
        <footer className="actions">
          <Button look="primary" onPress={onEdit}>
            {texts.common.change}
          </Button>
        </footer>
      )}
    </>
  );
}
