import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function HandoverDetails() {
  const texts = useTexts();
  return (
    <Page title={texts.handovers.handover}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
