import { useState } from 'react';
import { hostOf } from '../../lib/host';
import { useAction } from '../../lib/useAction';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Radios } from '../../kit/Choices';
import { DateTimeField } from '../../kit/DateTimeField';
import { Dialog } from '../../kit/Dialog';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import type { WebhookDialogProps } from './EditWebhook';
import { UpdateWebhook } from './documents';

/** How long deliveries are kept and a day more, in milliseconds: everything that is held is younger. */
const KEPT = 31 * 86_400_000;

/** Enables a webhook, and asks what becomes of the deliveries that were held. */
export function Enable(props: WebhookDialogProps) {
  const { webhooks: words } = useTexts();
  const { webhook, isOpen, onClose } = props;
  return (
    <Dialog title={words.enableTitle(hostOf(webhook.url))} isOpen={isOpen} onClose={onClose}>
      <Form {...props} />
    </Dialog>
  );
}

function Form({ webhook, onClose }: WebhookDialogProps) {
  const { common, webhooks: words } = useTexts();
  const [held, setHeld] = useState<'all' | 'since' | 'none'>('all');
  const [since, setSince] = useState(webhook.disabledAt);
  const [tried, setTried] = useState(false);
  const { run, pending, problems, problemOf, refusals } = useAction(UpdateWebhook, held === 'since' ? ['since'] : []);
  const form = useFocusProblem(refusals);
  const isMissing = held === 'since' && !since;
  const enable = async () => {
    setTried(true);
    if (isMissing) {
      focusProblem(form.current);
      return;
    }
    const from = held === 'all' ? new Date(Date.now() - KEPT).toISOString() : since;
    const input = { webhookId: webhook.id, enabled: true, ...(held === 'none' ? {} : { since: from }) };
    if (!(await run({ input }))) return;
    tell(words.wasEnabled);
    onClose();
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void enable();
      }}
    >
      <Radios
        label={words.held}
        value={held}
        onChange={(next) => setHeld(next)}
        options={[
          { value: 'all', label: words.heldAll },
          { value: 'since', label: words.heldSince },
          { value: 'none', label: words.heldNone, hint: words.heldNoneHint },
        ]}
      />
      {held === 'since' && (
        <DateTimeField
          label={words.sinceField}
          value={since}
          onChange={setSince}
          error={tried && isMissing ? common.invalidDate : problemOf('since')}
        />
      )}
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {words.enableNow}
        </Button>
      </footer>
    </form>
  );
}
