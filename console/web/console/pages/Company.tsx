import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Company() {
  const texts = useTexts();
  return (
    <Page title={texts.settings.company}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
