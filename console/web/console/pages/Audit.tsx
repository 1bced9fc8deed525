import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Audit() {
  const texts = useTexts();
  return (
    <Page title={texts.audit.title}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
