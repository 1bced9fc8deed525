import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function HandOverWork() {
  const texts = useTexts();
  return (
    <Page title={texts.dismissal.handOver}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
