import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function DismissSeveral() {
  const texts = useTexts();
  return (
    <Page title={texts.dismissal.dismissSeveral}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
