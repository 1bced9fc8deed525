import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Webhooks() {
  const texts = useTexts();
  return (
    <Page title={texts.settings.webhooks}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
