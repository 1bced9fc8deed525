import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Integrations() {
  const texts = useTexts();
  return (
    <Page title={texts.settings.integrations}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
