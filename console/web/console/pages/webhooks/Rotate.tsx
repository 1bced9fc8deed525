import { useState } from 'react';
import { hostOf } from '../../lib/host';
import { useAction } from '../../lib/useAction';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { Field } from '../../kit/Field';
import { SecretDialog } from '../../kit/SecretDialog';
import { useTexts } from '../../texts';
import type { WebhookDialogProps } from './EditWebhook';
import { RotateSecret } from './documents';

/** The longest time for two secrets, in hours. */
const MOST_HOURS = 168;

/** Gives a webhook a new secret, and shows it: once. */
export function Rotate(props: WebhookDialogProps) {
  const { webhooks: words } = useTexts();
  const { webhook, isOpen, onClose } = props;
  const [secret, setSecret] = useState<string | null>(null);
  const host = hostOf(webhook.url);
  return (
    <>
      <Dialog title={words.rotateTitle(host)} isOpen={isOpen} onClose={onClose}>
        <Form
          {...props}
          onRotated={(value) => {
            onClose();
            setSecret(value);
          }}
        />
      </Dialog>
      <SecretDialog
        title={words.newSecretOf(host)}
        label={words.secret}
        secret={secret}
        onClose={() => setSecret(null)}
      />
    </>
  );
}

function Form({ webhook, onClose, onRotated }: WebhookDialogProps & { onRotated(secret: string): void }) {
  const { common, webhooks: words } = useTexts();
  const [hours, setHours] = useState('24');
  const [tried, setTried] = useState(false);
  const { run, pending, problems, problemOf, refusals } = useAction(RotateSecret, ['keepOldForHours']);
  const form = useFocusProblem(refusals);
  const isRight = /^\d{1,3}$/.test(hours) && Number(hours) <= MOST_HOURS;
  const rotate = async () => {
    setTried(true);
    if (!isRight) {
      focusProblem(form.current);
      return;
    }
    const answer = await run({ input: { webhookId: webhook.id, keepOldForHours: Number(hours) } });
    if (answer?.secret) onRotated(answer.secret);
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void rotate();
      }}
    >
      <p>{words.rotateText}</p>
      <Field
        label={words.hours}
        hint={words.hoursHint}
        type="number"
        value={hours}
        onChange={setHours}
        error={tried && !isRight ? words.hoursWrong : problemOf('keepOldForHours')}
        required
        autoComplete="off"
      />
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {words.rotateNow}
        </Button>
      </footer>
    </form>
  );
}
