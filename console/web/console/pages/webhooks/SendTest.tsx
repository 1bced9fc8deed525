import { useState } from 'react';
import { hostOf } from '../../lib/host';
import { useAction } from '../../lib/useAction';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Select } from '../../kit/Choices';
import { Dialog } from '../../kit/Dialog';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import type { WebhookDialogProps } from './EditWebhook';
import { TestWebhook, type WebhookEvent } from './documents';

/** Sends a test event. */
export function SendTest(props: WebhookDialogProps) {
  const { webhooks: words } = useTexts();
  const { webhook, isOpen, onClose } = props;
  return (
    <Dialog title={words.testTitle(hostOf(webhook.url))} isOpen={isOpen} onClose={onClose}>
      <Form {...props} />
    </Dialog>
  );
}

function Form({ webhook, onClose }: WebhookDialogProps) {
  const { common, enums, webhooks: words } = useTexts();
  const [event, setEvent] = useState<WebhookEvent>('PING');
  const { run, pending, problems, problemOf } = useAction(TestWebhook, ['event']);
  const send = async () => {
    if (!(await run({ input: { webhookId: webhook.id, event } }))) return;
    tell(words.testSent);
    onClose();
  };
  const others = (Object.keys(enums.webhookEvent) as WebhookEvent[]).filter((one) => one !== 'PING');
  const events: WebhookEvent[] = ['PING', ...others];
  return (
    <form
      noValidate
      onSubmit={(submitted) => {
        submitted.preventDefault();
        void send();
      }}
    >
      <Select
        label={words.event}
        hint={words.testText}
        value={event}
        onChange={(next) => setEvent(next)}
        options={events.map((value) => ({ value, label: enums.webhookEvent[value] }))}
        error={problemOf('event')}
      />
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {words.send}
        </Button>
      </footer>
    </form>
  );
}
