import { hostOf } from '../../lib/host';
import { useAction } from '../../lib/useAction';
import { Dialog } from '../../kit/Dialog';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import { FIELDS, WebhookForm } from './WebhookForm';
import { UpdateWebhook, type Webhook } from './documents';

export interface WebhookDialogProps {
  webhook: Webhook;
  isOpen: boolean;
  onClose(): void;
}

/** Changes where a webhook sends what. */
export function EditWebhook(props: WebhookDialogProps) {
  const { webhooks: words } = useTexts();
  const { webhook, isOpen, onClose } = props;
  return (
    <Dialog title={words.editTitle(hostOf(webhook.url))} isOpen={isOpen} onClose={onClose} wide>
      {/* Within the dialog, so that each opening begins anew. */}
      <Form {...props} />
    </Dialog>
  );
}

function Form({ webhook, onClose }: WebhookDialogProps) {
  const { common } = useTexts();
  const { run, ...state } = useAction(UpdateWebhook, FIELDS);
  return (
    <WebhookForm
      saved={webhook}
      state={state}
      action={common.save}
      onClose={onClose}
      onSubmit={({ url, events, order }) => {
        // Only what was changed: the same URL would be judged again, and what is saved may not be allowed any more.
        const input = { webhookId: webhook.id, events, order, ...(url === webhook.url ? {} : { url }) };
        void run({ input }).then((answer) => {
          if (!answer) return;
          tell(common.saved);
          onClose();
        });
      }}
    />
  );
}
