import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function CrmRole() {
  const texts = useTexts();
  return (
    <Page title={texts.settings.crmRole}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
