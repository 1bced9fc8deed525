import { useState } from 'react';
import { Page, Panel } from '../kit/Page';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { AccountTabs } from './account/AccountTabs';
import { ChangePassword } from './account/ChangePassword';
import { Identities } from './account/Identities';
import { Sessions } from './person/Sessions';

/** Where one is signed in, and one's password. */
export default function Security() {
  const texts = useTexts();
  const { user } = useViewer();
  // A new password ends the other sessions, and unlinking an account those opened with it: they are read again.
  const [changes, setChanges] = useState(0);
  return (
    <Page title={texts.account.security}>
      <AccountTabs />
      <Panel title={texts.person.sessions}>
        <Sessions key={changes} userId={user.id} name={user.name} own />
      </Panel>
      <Identities userId={user.id} own onUnlinked={() => setChanges(changes + 1)} />
      <Panel title={texts.account.changePassword}>
        <ChangePassword email={user.email} onChanged={() => setChanges(changes + 1)} />
      </Panel>
    </Page>
  );
}
