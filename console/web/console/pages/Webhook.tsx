import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { codeOf } from '../lib/errors';
import { hostOf } from '../lib/host';
import { useAction } from '../lib/useAction';
import { useData } from '../lib/useData';
import { Alert, Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Confirm } from '../kit/Confirm';
import { Facts, Page, Panel } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { tell } from '../kit/Status';
import { NotFound } from '../shell/Nowhere';
import { useSay, useTexts } from '../texts';
import { Deliveries } from './webhooks/Deliveries';
import { EditWebhook } from './webhooks/EditWebhook';
import { Enable } from './webhooks/Enable';
import { Rotate } from './webhooks/Rotate';
import { State } from './webhooks/State';
import { SendTest } from './webhooks/SendTest';
import {
  DeleteWebhook,
  UpdateWebhook,
  type Webhook as WebhookData,
  WebhookDocument,
  isSending,
} from './webhooks/documents';

const ABOVE = '/settings/webhooks';

export default function Webhook({ id }: { id: string }) {
  const { webhooks: words } = useTexts();
  const { data, error, loading, reload } = useData(WebhookDocument, { id });
  const gone = error && ['NOT_FOUND', 'BAD_USER_INPUT'].includes(codeOf(error) ?? '');
  if (gone || (data && data.node?.__typename !== 'Webhook')) return <NotFound />;
  if (data?.node?.__typename === 'Webhook') return <Content webhook={data.node} />;
  return (
    <Page title={words.one} above={{ href: ABOVE, label: words.title }}>
      {loading && <Skeleton lines={8} />}
      {error && <Failure error={error} onRetry={reload} />}
    </Page>
  );
}

function Content({ webhook }: { webhook: WebhookData }) {
  const { enums, webhooks: words } = useTexts();
  const say = useSay();
  const [, go] = useLocation();
  const [open, setOpen] = useState<'edit' | 'test' | 'rotate' | 'disable' | 'enable' | 'remove'>();
  const disable = useAction(UpdateWebhook);
  const remove = useAction(DeleteWebhook);
  const { id, url, events, order, state, failingSince, disabledAt, oldSecretUntil, integration } = webhook;
  const host = hostOf(url);
  const close = () => {
    disable.reset();
    remove.reset();
    setOpen(undefined);
  };
  const disableNow = async () => {
    if (!(await disable.run({ input: { webhookId: id, enabled: false } }))) return;
    tell(words.wasDisabled);
    close();
  };
  const removeNow = async () => {
    if (!(await remove.run({ input: { webhookId: id } }))) return;
    tell(words.removed(host));
    go(ABOVE);
  };
  return (
    <Page
      title={host}
      above={{ href: ABOVE, label: words.title }}
      actions={
        <>
          {isSending(webhook) && (
            <>
              <Button onPress={() => setOpen('test')}>{words.test}</Button>
              <Button onPress={() => setOpen('disable')}>{words.disable}</Button>
            </>
          )}
          <Button onPress={() => setOpen('edit')}>{words.edit}</Button>
          <Button look="danger" onPress={() => setOpen('remove')}>
            {words.remove}
          </Button>
        </>
      }
    >
      {state === 'FAILING' && failingSince && (
        <Alert tone="bad" urgent={false} title={words.failing(say.dateTime(failingSince))}>
          {words.failingText}
        </Alert>
      )}
      {!isSending(webhook) && (
        <Alert
          title={(state === 'GONE' ? words.gone : words.disabled)(say.dateTime(disabledAt ?? ''))}
          action={<Button onPress={() => setOpen('enable')}>{words.enable}</Button>}
        >
          {words.disabledText}
        </Alert>
      )}
      <Panel title={words.one}>
        <Facts
          of={[
            [words.url, <code key="url">{url}</code>],
            [words.state, <State key="state" of={webhook} />],
            ...(state === 'ENABLED' && failingSince
              ? [[words.failedSince, say.dateTime(failingSince)] as const]
              : []),
            [
              words.order,
              <>
                {enums.webhookOrder[order]} <small className="below">{words.orders[order]}</small>
              </>,
            ],
            [
              words.integration,
              integration ? <Link href="/settings/integrations">{integration.name}</Link> : words.ofCompany,
            ],
            [
              words.events,
              <ul key="events" className="scopes">
                {events.map((event) => (
                  <li key={event}>{enums.webhookEvent[event]}</li>
                ))}
              </ul>,
            ],
          ]}
        />
      </Panel>
      <Panel title={words.signing} actions={<Button onPress={() => setOpen('rotate')}>{words.rotate}</Button>}>
        <p className="note">
          {words.signingText}{' '}
          {oldSecretUntil &&
            Date.parse(oldSecretUntil) > Date.now() &&
            words.oldSecretUntil(say.dateTime(oldSecretUntil))}
        </p>
      </Panel>
      <Deliveries webhook={webhook} />
      <EditWebhook webhook={webhook} isOpen={open === 'edit'} onClose={close} />
      <SendTest webhook={webhook} isOpen={open === 'test'} onClose={close} />
      <Rotate webhook={webhook} isOpen={open === 'rotate'} onClose={close} />
      <Enable webhook={webhook} isOpen={open === 'enable'} onClose={close} />
      <Confirm
        title={words.disableTitle(host)}
        isOpen={open === 'disable'}
        onClose={close}
        action={words.disableNow}
        onConfirm={() => void disableNow()}
        pending={disable.pending}
        problems={disable.problems}
      >
        <p>{words.disableText}</p>
      </Confirm>
      <Confirm
        title={words.removeTitle(host)}
        isOpen={open === 'remove'}
        onClose={close}
        action={words.removeNow}
        onConfirm={() => void removeNow()}
        danger
        pending={remove.pending}
        problems={remove.problems}
      >
        <p>{words.removeText}</p>
      </Confirm>
    </Page>
  );
}
