import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function CrmRoles() {
  const texts = useTexts();
  return (
    <Page title={texts.settings.crmRoles}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
