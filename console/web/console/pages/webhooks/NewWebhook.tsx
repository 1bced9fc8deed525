import { useState } from 'react';
import { hostOf } from '../../lib/host';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { Select } from '../../kit/Choices';
import { Dialog } from '../../kit/Dialog';
import { SecretDialog } from '../../kit/SecretDialog';
import { useTexts } from '../../texts';
import { FIELDS, WebhookForm } from './WebhookForm';
import { CreateWebhook, ReceiversDocument } from './documents';

interface NewProps {
  isOpen: boolean;
  onClose(): void;
  onCreated(): void;
}

/** Asks for a webhook, and then shows its secret: once. */
export function NewWebhook({ isOpen, onClose, onCreated }: NewProps) {
  const { webhooks: words } = useTexts();
  const [made, setMade] = useState<{ url: string; secret: string }>();
  return (
    <>
      <Dialog title={words.create} isOpen={isOpen} onClose={onClose} wide>
        <Form
          onClose={onClose}
          onMade={(url, secret) => {
            onClose();
            setMade({ url, secret });
          }}
        />
      </Dialog>
      <SecretDialog
        title={words.secretOf(hostOf(made?.url ?? ''))}
        label={words.secret}
        secret={made?.secret ?? null}
        onClose={() => {
          setMade(undefined);
          onCreated();
        }}
      >
        <p className="note">{words.secretText}</p>
      </SecretDialog>
    </>
  );
}

function Form({ onClose, onMade }: { onClose(): void; onMade(url: string, secret: string): void }) {
  const { common, webhooks: words } = useTexts();
  const [integrationId, setIntegration] = useState('');
  const { data } = useData(ReceiversDocument, {});
  const { run, ...state } = useAction(CreateWebhook, [...FIELDS, 'integrationId']);
  const receivers = (data?.integrations ?? []).filter(
    ({ scopes, revokedAt }) => revokedAt === null && scopes.includes('READ_EVENTS'),
  );
  return (
    <WebhookForm
      state={state}
      action={common.create}
      onClose={onClose}
      onSubmit={(entered) =>
        void run({ input: { ...entered, integrationId: integrationId || null } }).then((answer) => {
          if (answer?.webhook && answer.secret) onMade(answer.webhook.url, answer.secret);
        })
      }
    >
      <Select
        label={words.integration}
        hint={words.integrationHint}
        value={integrationId}
        onChange={setIntegration}
        options={[
          { value: '', label: words.noIntegration },
          ...receivers.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        error={state.problemOf('integrationId')}
      />
    </WebhookForm>
  );
}
