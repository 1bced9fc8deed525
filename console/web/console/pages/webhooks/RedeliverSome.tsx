import { useState } from 'react';
import { useAction } from '../../lib/useAction';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { DateTimeField } from '../../kit/DateTimeField';
import { Dialog } from '../../kit/Dialog';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import type { WebhookDialogProps } from './EditWebhook';
import { Redeliver } from './documents';

const DAY = 86_400_000;

/** Sends the deliveries of a time again. */
export function RedeliverSome(props: WebhookDialogProps) {
  const { webhooks: words } = useTexts();
  return (
    <Dialog title={words.redeliverTitle} isOpen={props.isOpen} onClose={props.onClose}>
      <Form {...props} />
    </Dialog>
  );
}

function Form({ webhook, onClose }: WebhookDialogProps) {
  const { common, webhooks: words } = useTexts();
  const [since, setSince] = useState<string | null>(() => new Date(Date.now() - DAY).toISOString());
  const [until, setUntil] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const { run, pending, problems, problemOf, refusals } = useAction(Redeliver, ['since', 'until']);
  const form = useFocusProblem(refusals);
  const send = async () => {
    setTried(true);
    if (!since) {
      focusProblem(form.current);
      return;
    }
    if (!(await run({ input: { webhookId: webhook.id, since, until } }))) return;
    tell(words.redelivering);
    onClose();
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p>{words.redeliverText}</p>
      <DateTimeField
        label={words.sinceField}
        value={since}
        onChange={setSince}
        error={tried && !since ? words.sinceMissing : problemOf('since')}
      />
      <DateTimeField
        label={words.untilField}
        hint={words.untilHint}
        value={until}
        onChange={setUntil}
        error={problemOf('until')}
      />
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {words.redeliver}
        </Button>
      </footer>
    </form>
  );
}
