import { type ReactNode, useState } from 'react';
import type { Action } from '../../lib/useAction';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Radios } from '../../kit/Choices';
import { Field } from '../../kit/Field';
import { useTexts } from '../../texts';
import { EventChoice } from './EventChoice';
import type { Webhook, WebhookOrder } from './documents';

export type Entered = Pick<Webhook, 'url' | 'events' | 'order'>;

/** The fields that show their own problems. */
export const FIELDS = ['url', 'events', 'order'];

interface FormProps {
  saved?: Entered;
  state: Pick<Action<unknown, never>, 'pending' | 'problems' | 'problemOf' | 'refusals'>;
  /** The button: what happens, as a verb. */
  action: string;
  onSubmit(entered: Entered): void;
  onClose(): void;
  children?: ReactNode;
}

/** Where a webhook sends what, and in which order. */
export function WebhookForm({ saved, state, action, onSubmit, onClose, children }: FormProps) {
  const { common, enums, webhooks: words } = useTexts();
  const [url, setUrl] = useState(saved?.url ?? '');
  const [events, setEvents] = useState(saved?.events ?? []);
  const [order, setOrder] = useState<WebhookOrder>(saved?.order ?? 'BEST_EFFORT');
  const [tried, setTried] = useState(false);
  const form = useFocusProblem(state.refusals);
  const urlMissing = !url.trim();
  const submit = () => {
    setTried(true);
    if (urlMissing || events.length === 0) focusProblem(form.current);
    else onSubmit({ url: url.trim(), events, order });
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        label={words.url}
        hint={words.urlHint}
        type="url"
        value={url}
        onChange={setUrl}
        error={tried && urlMissing ? common.required : state.problemOf('url')}
        required
        autoFocus
        autoComplete="off"
      />
      <EventChoice
        value={events}
        onChange={setEvents}
        error={tried && events.length === 0 ? words.eventsMissing : state.problemOf('events')}
      />
      <Radios
        label={words.order}
        value={order}
        onChange={(next) => setOrder(next)}
        options={(Object.keys(words.orders) as WebhookOrder[]).map((value) => ({
          value,
          label: enums.webhookOrder[value],
          hint: words.orders[value],
        }))}
      />
      {children}
      <Problems of={state.problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={state.pending}>
          {action}
        </Button>
      </footer>
    </form>
  );
}
