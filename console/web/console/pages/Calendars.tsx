import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Calendars() {
  const texts = useTexts();
  return (
    <Page title={texts.calendars.title}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
