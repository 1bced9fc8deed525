import { LinkButton } from '../kit/Button';
import { Page } from '../kit/Page';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { AccountTabs } from './account/AccountTabs';
import { Work } from './person/Work';

/** One's own work. */
export default function Me() {
  const words = useTexts().account;
  const { user } = useViewer();
  return (
    <Page title={words.myWork} actions={<LinkButton href={`/people/${user.id}`}>{words.profile}</LinkButton>}>
      <AccountTabs />
      <Work userId={user.id} own />
    </Page>
  );
}
