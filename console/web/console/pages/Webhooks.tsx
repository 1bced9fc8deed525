import { LinkButton } from '../kit/Button';
import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';
import { SettingsTabs } from './settings/SettingsTabs';

/** The API has no webhooks yet: the page says so, and names what there is. */
export default function Webhooks() {
  const { settings } = useTexts();
  return (
    <Page title={settings.webhooks}>
      <SettingsTabs />
      <EmptyState action={<LinkButton href="/settings/integrations">{settings.toIntegrations}</LinkButton>}>
        {settings.webhooksNotYet}
      </EmptyState>
    </Page>
  );
}
