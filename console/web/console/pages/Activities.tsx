import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Activities() {
  const texts = useTexts();
  return (
    <Page title={texts.crm.activities}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
