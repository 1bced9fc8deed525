import { Button } from '../../kit/Button';
import { useSay, useTexts } from '../../texts';
import { recurrenceWords } from './recurrence';
import type { Event } from './documents';
import { dayOf } from './times';

interface LineProps {
  event: Event;
  /** Without these, its days can't be told. */
  start?: Date;
  end?: Date;
  onOpen(): void;
}

export function EventLine({ event, start, end, onOpen }: LineProps) {
  const texts = useTexts();
  const say = useSay();
  const sameDay = start && end && dayOf(start) === dayOf(end);
  const others = [
    event.location,
    event.recurrence || event.recurrenceText ? recurrenceWords(event, texts, say) : null,
    event.attendees.length > 1 ? texts.common.people(event.attendees.length) : null,
  ];
  return (
    <>
      <span className="time">
        {start && end && (
          <>
            <time dateTime={start.toISOString()}>{say.time(start)}</time> –{' '}
            <time dateTime={end.toISOString()}>{sameDay ? say.time(end) : say.dateTime(end)}</time>
          </>
        )}
      </span>
      <span className="what">
        <Button look="link" onPress={onOpen}>
          {event.title}
        </Button>
        <small>{others.filter(Boolean).join(' · ')}</small>
      </span>
    </>
  );
}
