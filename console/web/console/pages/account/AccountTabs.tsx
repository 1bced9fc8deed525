import { Tabs } from '../../kit/Tabs';
import { useTexts } from '../../texts';

export function AccountTabs() {
  const words = useTexts().account;
  return (
    <Tabs
      label={words.tabs}
      tabs={[
        { href: '/me', label: words.myWork },
        { href: '/me/security', label: words.security },
      ]}
    />
  );
}
