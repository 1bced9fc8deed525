import { useAction } from '../../lib/useAction';
import { Confirm } from '../../kit/Confirm';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import { type Integration, RevokeIntegration } from './integrations';

interface RevokeProps {
  integration: Integration | undefined;
  onClose(): void;
  onRevoked(): void;
}

export function RevokeIntegrationDialog({ integration, onClose, onRevoked }: RevokeProps) {
  const { settings } = useTexts();
  const { run, pending, problems, reset } = useAction(RevokeIntegration);
  const close = () => {
    reset();
    onClose();
  };
  const revoke = async () => {
    if (!integration) return;
    const answer = await run({ input: { integrationId: integration.id } });
    if (!answer) return;
    tell(settings.revoked(integration.name, answer.schedulesPassed.length));
    close();
    onRevoked();
  };
  return (
    <Confirm
      title={settings.revokeTitle(integration?.name ?? '')}
      isOpen={integration !== undefined}
      onClose={close}
      action={settings.revokeNow}
      onConfirm={() => void revoke()}
      danger
      pending={pending}
      problems={problems}
    >
      <p>{settings.revokeText}</p>
    </Confirm>
  );
}
