import { Page } from '../kit/Page';
import { EmptyState } from '../kit/Placeholder';
import { useTexts } from '../texts';

export default function Departments() {
  const texts = useTexts();
  return (
    <Page title={texts.departments.title}>
      <EmptyState>{texts.common.notYet}</EmptyState>
    </Page>
  );
}
