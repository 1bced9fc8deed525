import { useState } from 'react';
import { useAction } from '../../lib/useAction';
import { Confirm } from '../../kit/Confirm';
import { NameDialog } from '../../kit/NameDialog';
import { SecretDialog } from '../../kit/SecretDialog';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import { CreateFeed, RenameCalendar, RevokeFeed } from './documents';

export type Doing = 'rename' | 'feed' | 'revoke';

interface DoingsProps {
  calendar: { id: string; name: string };
  doing: Doing | undefined;
  onDone(): void;
}

export function CalendarDoings({ calendar: { id, name }, doing, onDone }: DoingsProps) {
  const { common, calendars: words } = useTexts();
  const rename = useAction(RenameCalendar, ['name']);
  const create = useAction(CreateFeed);
  const revoke = useAction(RevokeFeed);
  const [address, setAddress] = useState<string>();
  const close = () => {
    for (const { reset } of [rename, create, revoke]) reset();
    onDone();
  };
  return (
    <>
      <NameDialog
        title={words.renameTitle(name)}
        name={name}
        isOpen={doing === 'rename'}
        onClose={close}
        action={common.save}
        pending={rename.pending}
        error={rename.problemOf('name')}
        problems={rename.problems}
        onSubmit={async (next) => {
          if (await rename.run({ input: { calendarId: id, name: next } })) close();
        }}
      />
      <Confirm
        title={words.feedTitle}
        isOpen={doing === 'feed'}
        onClose={close}
        action={words.createFeed}
        pending={create.pending}
        problems={create.problems}
        onConfirm={async () => {
          const answer = await create.run({ input: { calendarId: id } });
          if (!answer?.url) return;
          setAddress(answer.url);
          close();
        }}
      >
        <p>{words.feedText}</p>
      </Confirm>
      <SecretDialog
        title={words.feedTitle}
        label={words.feedAddress}
        secret={address ?? null}
        onClose={() => setAddress(undefined)}
      />
      <Confirm
        title={words.revokeFeedTitle}
        isOpen={doing === 'revoke'}
        onClose={close}
        action={words.revokeFeedNow}
        danger
        pending={revoke.pending}
        problems={revoke.problems}
        onConfirm={async () => {
          if (!(await revoke.run({ input: { calendarId: id } }))) return;
          tell(words.feedRevoked);
          close();
        }}
      >
        <p>{words.revokeFeedText}</p>
      </Confirm>
    </>
  );
}
