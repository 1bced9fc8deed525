import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function RecurringTasks() {
  const texts = useTexts();
  return (
    <Page title={texts.tasks.recurring}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
