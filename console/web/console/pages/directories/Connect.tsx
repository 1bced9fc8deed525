import { useState } from 'react';
import { useAction } from '../../lib/useAction';
import { CopyField } from '../../kit/CopyField';
import { NameDialog } from '../../kit/NameDialog';
import { SecretDialog } from '../../kit/SecretDialog';
import { useTexts } from '../../texts';
import { CreateIntegration, RevokeIntegration } from '../settings/integrations';
import { CreateDirectory } from './documents';
import { Setup } from './Setup';

interface ConnectProps {
  isOpen: boolean;
  onClose(): void;
  onConnected(): void;
}

/** Creates a directory with its integration, and then shows the token: once. */
export function Connect({ isOpen, onClose, onConnected }: ConnectProps) {
  const { directories: words, settings } = useTexts();
  const integration = useAction(CreateIntegration, ['name']);
  const directory = useAction(CreateDirectory, ['name']);
  const revoke = useAction(RevokeIntegration);
  /** The integration, while its directory could not be created. */
  const [half, setHalf] = useState<{ id: string; token: string }>();
  const [done, setDone] = useState<{ name: string; token: string; baseUrl: string }>();

  const close = () => {
    integration.reset();
    directory.reset();
    if (half) void revoke.run({ input: { integrationId: half.id } });
    setHalf(undefined);
    onClose();
  };
  const connect = async (name: string) => {
    let { id, token } = half ?? {};
    if (!id) {
      const made = await integration.run({ input: { name, scopes: ['PROVISION_PEOPLE'] } });
      id = made?.integration?.id;
      token = made?.token ?? '';
    }
    if (!id || !token) return;
    const answer = await directory.run({ input: { name, integrationId: id } });
    if (!answer?.directory) return setHalf({ id, token });
    setHalf(undefined);
    setDone({ name, token, baseUrl: answer.directory.baseUrl });
    onClose();
  };
  return (
    <>
      <NameDialog
        title={words.connect}
        hint={words.nameHint}
        isOpen={isOpen}
        onClose={close}
        action={words.connect}
        pending={integration.pending || directory.pending}
        error={integration.problemOf('name') ?? directory.problemOf('name')}
        problems={[...integration.problems, ...directory.problems]}
        onSubmit={(name) => void connect(name)}
      />
      <SecretDialog
        title={words.connected(done?.name ?? '')}
        label={settings.token}
        secret={done?.token ?? null}
        onClose={() => {
          setDone(undefined);
          onConnected();
        }}
      >
        <CopyField label={words.baseUrl} value={done?.baseUrl ?? ''} />
        <h3>{words.setup}</h3>
        <Setup name={done?.name ?? ''} />
      </SecretDialog>
    </>
  );
}
