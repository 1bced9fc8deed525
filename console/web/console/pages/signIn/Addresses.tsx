import { callbackUri, initiateUri } from '../../lib/away';
import { Button } from '../../kit/Button';
import { CopyField } from '../../kit/CopyField';
import { Dialog } from '../../kit/Dialog';
import { useTexts } from '../../texts';
import type { Provider } from './documents';

interface AddressesProps {
  /** Open while there is one. */
  provider: Provider | undefined;
  onClose(): void;
}

/** What has to be entered at an identity provider. */
export function Addresses({ provider, onClose }: AddressesProps) {
  const { common, signIn: words } = useTexts();
  return (
    <Dialog
      title={words.addressesOf(provider?.name ?? '')}
      isOpen={provider !== undefined}
      onClose={onClose}
      wide
      footer={
        <Button look="primary" onPress={onClose}>
          {common.close}
        </Button>
      }
    >
      <p>{words.addressesText}</p>
      <CopyField label={words.redirectUri} value={callbackUri()} />
      <CopyField label={words.initiateUri} value={initiateUri(provider?.id ?? '')} />
      <CopyField label={words.logoutUri} value={provider?.backchannelLogoutUri ?? ''} />
      <CopyField label={words.revocationUri} value={provider?.revocationUri ?? ''} />
    </Dialog>
  );
}
