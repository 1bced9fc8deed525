import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Crm() {
  const texts = useTexts();
  return (
    <Page title={texts.crm.title}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
