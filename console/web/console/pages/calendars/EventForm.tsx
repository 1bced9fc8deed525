import { useState } from 'react';
import { getLocalTimeZone } from '@internationalized/date';
import { useAction } from '../../lib/useAction';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Select } from '../../kit/Choices';
import { DateTimeField } from '../../kit/DateTimeField';
import { Field } from '../../kit/Field';
import { PersonField } from '../../kit/PersonPicker';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { EventRecurrence } from './EventRecurrence';
import { CreateEvent, type Event, UpdateEvent } from './documents';
import { zones } from '../../lib/zones';
import { inZone } from './times';

interface FormProps {
  calendarId: string;
  /** Without one, an event is made. */
  event: Event | undefined;
  onClose(): void;
}

const FIELDS = ['title', 'location', 'startsAt', 'endsAt', 'recurrence', 'timezone', 'attendeeIds'];

export function EventForm({ calendarId, event, onClose }: FormProps) {
  const { common, calendars: words } = useTexts();
  const { user } = useViewer();
  const organizer = event?.organizer.id ?? user.id;
  const [title, setTitle] = useState(event?.title ?? '');
  const [location, setLocation] = useState(event?.location ?? '');
  const [zone, setZone] = useState(event ? (event.timezone ?? 'UTC') : getLocalTimeZone());
  const [startsAt, setStartsAt] = useState(event?.startsAt ?? null);
  const [endsAt, setEndsAt] = useState(event?.endsAt ?? null);
  const [recurrence, setRecurrence] = useState(event?.recurrence ?? '');
  const [attendees, setAttendees] = useState(
    (event?.attendees ?? []).filter(({ id }) => id !== organizer).map(({ id, name }) => ({ id, name })),
  );
  const [tried, setTried] = useState(false);
  const create = useAction(CreateEvent, FIELDS);
  const update = useAction(UpdateEvent, FIELDS);
  const { pending, problems, problemOf, refusals } = event ? update : create;
  const form = useFocusProblem(refusals);

  // An imported event may have no time: then it need not get one to be renamed.
  const timed = !event || event.startsAt !== null || startsAt !== null;
  const missing = {
    title: tried && !title.trim() ? common.required : undefined,
    startsAt: tried && timed && !startsAt ? common.invalidDate : undefined,
    endsAt: tried && timed && !endsAt ? common.invalidDate : undefined,
    order: tried && startsAt && endsAt && new Date(endsAt) < new Date(startsAt) ? words.endsBefore : undefined,
  };
  const move = (next: string | null) => {
    // An event that is moved stays as long as it was.
    if (next && startsAt && endsAt) {
      setEndsAt(new Date(new Date(next).getTime() + new Date(endsAt).getTime() - new Date(startsAt).getTime()).toISOString());
    } else if (next && !endsAt) {
      setEndsAt(new Date(new Date(next).getTime() + 3_600_000).toISOString());
    }
    setStartsAt(next);
  };
  const changeZone = (next: string) => {
    setStartsAt(inZone(startsAt, zone, next));
    setEndsAt(inZone(endsAt, zone, next));
    setZone(next);
  };
  const save = async () => {
    setTried(true);
    const backwards = startsAt && endsAt && new Date(endsAt) < new Date(startsAt);
    if (!title.trim() || (timed && (!startsAt || !endsAt)) || backwards) {
      focusProblem(form.current);
      return;
    }
    const what = { title: title.trim(), location: location.trim() || null };
    const rule = recurrence || null;
    const attendeeIds = attendees.map(({ id }) => id);
    let done: unknown;
    if (!event) {
      const times = { startsAt: startsAt!, endsAt: endsAt!, recurrence: rule, timezone: zone };
      done = await create.run({ input: { calendarId, ...what, ...times, attendeeIds } });
    } else {
      const retimed =
        startsAt !== event.startsAt ||
        endsAt !== event.endsAt ||
        rule !== event.recurrence ||
        zone !== (event.timezone ?? 'UTC');
      const times = retimed ? { startsAt, endsAt, recurrence: rule, timezone: zone } : {};
      done = await update.run({ input: { eventId: event.id, ...what, ...times, attendeeIds } });
    }
    if (!done) return;
    tell(event ? common.saved : words.created(title.trim()));
    onClose();
  };
  const attendeesProblem = problemOf('attendeeIds');
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(submitted) => {
        submitted.preventDefault();
        void save();
      }}
    >
      <Field
        label={words.eventTitle}
        value={title}
        onChange={setTitle}
        error={missing.title ?? problemOf('title')}
        required
        autoFocus
        autoComplete="off"
      />
      <Field
        label={words.location}
        value={location}
        onChange={setLocation}
        error={problemOf('location')}
        optional
        autoComplete="off"
      />
      <div className="two">
        <DateTimeField
          label={words.starts}
          value={startsAt}
          onChange={move}
          timeZone={zone}
          error={missing.startsAt ?? problemOf('startsAt')}
        />
        <DateTimeField
          label={words.ends}
          value={endsAt}
          onChange={setEndsAt}
          timeZone={zone}
          error={missing.endsAt ?? missing.order ?? problemOf('endsAt')}
        />
      </div>
      <Select
        label={words.timezone}
        hint={words.timezoneHint}
        value={zone}
        onChange={changeZone}
        error={problemOf('timezone')}
        options={zones(zone).map((name) => ({ value: name, label: name }))}
      />
      <EventRecurrence
        value={recurrence}
        onChange={setRecurrence}
        startsAt={startsAt}
        zone={zone}
        error={problemOf('recurrence')}
      />
      <div className="field">
        <span className="label">{words.attendees}</span>
        <PersonField
          title={words.chooseAttendees}
          picked={attendees}
          several
          except={[organizer]}
          onPick={setAttendees}
        />
        {attendees.length > 0 && <small className="hint">{words.names(attendees.map(({ name }) => name))}</small>}
        {attendeesProblem && <small className="problem">{attendeesProblem}</small>}
      </div>
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {event ? common.save : common.create}
        </Button>
      </footer>
    </form>
  );
}
