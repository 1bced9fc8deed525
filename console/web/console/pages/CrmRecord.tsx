import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function CrmRecord() {
  const texts = useTexts();
  return (
    <Page title={texts.crm.record}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
