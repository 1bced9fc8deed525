import type { Enum } from '../../graphql';
import type { Tone } from '../../kit/Alert';
import { Tag } from '../../kit/Tag';
import { useSay, useTexts } from '../../texts';
import { type Delivery, type Webhook, isSending } from './documents';

const TONES: Record<Enum<'WebhookState'>, Tone> = { ENABLED: 'good', FAILING: 'bad', DISABLED: 'warn', GONE: 'warn' };
const DELIVERY: Record<Enum<'WebhookDeliveryState'>, Tone> = {
  PENDING: 'warn',
  DELIVERED: 'good',
  FAILED: 'bad',
  HELD: 'neutral',
};

/** Whether a webhook sends, and since when it doesn't. */
export function State({ of: webhook }: { of: Webhook }) {
  const { enums, webhooks: words } = useTexts();
  const say = useSay();
  const since = isSending(webhook) ? webhook.failingSince : webhook.disabledAt;
  return (
    <span className="tags">
      <Tag tone={TONES[webhook.state]}>{enums.webhookState[webhook.state]}</Tag>
      {webhook.state !== 'ENABLED' && since && <small>{words.since(say.dateTime(since))}</small>}
    </span>
  );
}

export function DeliveryState({ of: { state, nextAttemptAt } }: { of: Delivery }) {
  const { enums, webhooks: words } = useTexts();
  const say = useSay();
  return (
    <span className="tags">
      <Tag tone={DELIVERY[state]}>{enums.webhookDeliveryState[state]}</Tag>
      {nextAttemptAt && Date.parse(nextAttemptAt) > Date.now() && (
        <small>{words.nextAttempt(say.dateTime(nextAttemptAt))}</small>
      )}
    </span>
  );
}

interface ResultProps {
  status: number | null;
  failure: Enum<'WebhookFailure'> | null;
}

/** What an attempt came to: its status, and why it failed. */
export function Result({ status, failure }: ResultProps) {
  const { enums, webhooks: words } = useTexts();
  return (
    <>
      {status !== null && words.statusOf(status)}
      {failure && failure !== 'STATUS' && (
        <>
          {status !== null && ': '}
          {enums.webhookFailure[failure]}
        </>
      )}
    </>
  );
}
