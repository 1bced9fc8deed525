import { Checkbox } from '../../kit/Choices';
import { useTexts } from '../../texts';
import type { Subject } from '../../texts/en/webhooks';
import type { WebhookEvent } from './documents';

interface ChoiceProps {
  value: readonly WebhookEvent[];
  onChange(events: WebhookEvent[]): void;
  error: string | undefined;
}

/** The events of a webhook, by what they are about. */
export function EventChoice({ value, onChange, error }: ChoiceProps) {
  const { enums, webhooks: words } = useTexts();
  // PING is for tests alone.
  const all = (Object.keys(enums.webhookEvent) as WebhookEvent[]).filter((event) => event !== 'PING');
  const set = (events: readonly WebhookEvent[], on: boolean) =>
    onChange(all.filter((event) => (events.includes(event) ? on : value.includes(event))));
  const whole = (label: string, events: readonly WebhookEvent[]) => {
    const chosen = events.filter((event) => value.includes(event)).length;
    return (
      <Checkbox
        label={label}
        checked={chosen === events.length}
        partly={chosen > 0 && chosen < events.length}
        onChange={(on) => set(events, on)}
      />
    );
  };
  return (
    <fieldset className="event-choice" aria-describedby={error ? 'events-problem' : undefined}>
      <legend>{words.events}</legend>
      {whole(words.allEvents, all)}
      {(Object.keys(words.subjects) as Subject[]).map((subject) => {
        const events = all.filter((event) => event.startsWith(`${subject}_`));
        return (
          <div key={subject} role="group" aria-label={words.subjects[subject]} className="scope-choice">
            {events.length > 1 && whole(words.allOf(words.subjects[subject]), events)}
            {events.map((event) => (
              <Checkbox
                key={event}
                label={enums.webhookEvent[event]}
                checked={value.includes(event)}
                onChange={(on) => set([event], on)}
              />
            ))}
          </div>
        );
      })}
      {error && (
        <small id="events-problem" className="problem">
          {error}
        </small>
      )}
    </fieldset>
  );
}
