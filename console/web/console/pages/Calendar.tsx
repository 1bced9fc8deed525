import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Calendar() {
  const texts = useTexts();
  return (
    <Page title={texts.calendars.calendar}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
