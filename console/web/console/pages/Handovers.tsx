import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Handovers() {
  const texts = useTexts();
  return (
    <Page title={texts.handovers.title}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
