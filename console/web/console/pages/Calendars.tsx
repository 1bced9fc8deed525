import { useState } from 'react';
import { useLocation } from 'wouter';
import { useAction } from '../lib/useAction';
import { useData } from '../lib/useData';
import { Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { NameDialog } from '../kit/NameDialog';
import { Page } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { CalendarGroup } from './calendars/CalendarGroup';
import { CalendarsDocument, CreateCalendar } from './calendars/documents';

export default function Calendars() {
  const { common, calendars: words } = useTexts();
  const { user } = useViewer();
  const [, go] = useLocation();
  const { data, error, loading, reload } = useData(CalendarsDocument, { userId: user.id });
  const [creating, setCreating] = useState(false);
  const create = useAction(CreateCalendar, ['name']);
  const mine = data?.viewer.user?.calendars ?? [];
  const favourites = data?.viewer.user?.favoriteCalendars ?? [];
  const kept = (data?.heldItems.nodes ?? [])
    .filter((node) => node.__typename === 'Calendar')
    .filter(({ owner }) => owner.id !== user.id);
  const starred = new Set(favourites.map(({ id }) => id));
  return (
    <Page
      title={words.title}
      actions={
        <Button look="primary" onPress={() => setCreating(true)}>
          {words.create}
        </Button>
      }
    >
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton />}
      {data && (
        <>
          <CalendarGroup title={words.mine} empty={words.noneMine} calendars={mine} starred={starred} />
          {kept.length > 0 && (
            <CalendarGroup title={words.kept} hint={words.keptHint} calendars={kept} starred={starred} />
          )}
          <CalendarGroup title={words.favourites} empty={words.noFavourites} calendars={favourites} starred={starred} />
        </>
      )}
      <NameDialog
        title={words.createTitle}
        isOpen={creating}
        onClose={() => {
          create.reset();
          setCreating(false);
        }}
        action={common.create}
        pending={create.pending}
        error={create.problemOf('name')}
        problems={create.problems}
        onSubmit={async (name) => {
          const answer = await create.run({ input: { name } });
          if (answer?.calendar) go(`/calendars/${answer.calendar.id}`);
        }}
      />
    </Page>
  );
}
