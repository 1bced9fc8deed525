import { Tabs } from '../../kit/Tabs';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';

/** The parts of the settings that the viewer may open. */
export function SettingsTabs() {
  const { directories, settings, signIn } = useTexts();
  const { may } = useViewer();
  return (
    <Tabs
      label={settings.title}
      tabs={[
        ...(may('MANAGE_SETTINGS')
          ? [
              { href: '/settings/company', label: settings.company },
              { href: '/settings/crm-roles', label: settings.crmRoles },
            ]
          : []),
        ...(may('MANAGE_INTEGRATIONS')
          ? [
              { href: '/settings/integrations', label: settings.integrations },
              { href: '/directories', label: directories.title },
              { href: '/settings/sign-in', label: signIn.title },
              { href: '/settings/webhooks', label: settings.webhooks },
            ]
          : []),
      ]}
    />
  );
}
