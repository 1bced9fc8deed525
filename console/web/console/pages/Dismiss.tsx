import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Dismiss() {
  const texts = useTexts();
  return (
    <Page title={texts.dismissal.dismiss}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
