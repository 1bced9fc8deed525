import { useState } from 'react';
import { useData } from '../lib/useData';
import { useDownload } from '../lib/useDownload';
import { oneOf, text, useUrlState } from '../lib/useUrlState';
import { Failure, Problems } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Radios } from '../kit/Choices';
import { Menu } from '../kit/Menu';
import { Page } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { NotFound } from '../shell/Nowhere';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { Agenda } from './calendars/Agenda';
import { AllEvents } from './calendars/AllEvents';
import { CalendarDoings, type Doing } from './calendars/CalendarDoings';
import { EventSheet } from './calendars/EventSheet';
import { Star } from './calendars/Star';
import { CalendarDocument, type Event } from './calendars/documents';

const STATE = { view: oneOf('days', 'all'), from: text };

export default function Calendar({ id }: { id: string }) {
  const { common, calendars: words } = useTexts();
  const { user, may } = useViewer();
  const { data, error, loading, reload } = useData(CalendarDocument, { id });
  const { values, set } = useUrlState(STATE);
  const { download, problems } = useDownload();
  const [doing, setDoing] = useState<Doing>();
  const [opened, setOpened] = useState<Event | 'new'>();
  const calendar = data?.node?.__typename === 'Calendar' ? data.node : undefined;
  if (data && !calendar) return <NotFound />;
  const manages =
    calendar !== undefined && (may('READ_WORK') || [calendar.owner.id, calendar.keptBy.id].includes(user.id));
  const starred = data?.viewer.user?.favoriteCalendars.some((one) => one.id === id) ?? false;
  return (
    <Page
      title={calendar?.name ?? words.calendar}
      above={{ href: '/calendars', label: words.title }}
      actions={
        calendar && (
          <>
            <Star calendar={calendar} on={starred} />
            <Menu
              label={common.actionsFor(calendar.name)}
              items={[
                { id: 'ics', label: words.download, onAction: () => void download(id) },
                ...(manages
                  ? [
                      { id: 'rename', label: words.rename, onAction: () => setDoing('rename') },
                      { id: 'feed', label: words.feed, onAction: () => setDoing('feed') },
                      { id: 'revoke', label: words.revokeFeed, danger: true, onAction: () => setDoing('revoke') },
                    ]
                  : []),
              ]}
            />
            {manages && (
              <Button look="primary" onPress={() => setOpened('new')}>
                {words.newEvent}
              </Button>
            )}
          </>
        )
      }
    >
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton />}
      <Problems of={problems} />
      {calendar && (
        <>
          {(calendar.owner.id !== user.id || calendar.keptBy.id !== calendar.owner.id) && (
            <p className="note">
              {calendar.owner.id === user.id ? words.ownedByYou : words.ownedBy(calendar.owner.name)}{' '}
              {calendar.keptBy.id !== calendar.owner.id &&
                (calendar.keptBy.id === user.id ? words.keptByYou : words.keptBy(calendar.keptBy.name))}
            </p>
          )}
          <div className="filters">
            <Radios
              label={words.view}
              hideLabel
              segments
              value={values.view}
              onChange={(view) => set({ view })}
              options={[
                { value: 'days', label: words.byDay },
                { value: 'all', label: words.all },
              ]}
            />
          </div>
          {values.view === 'days' ? (
            <Agenda
              calendarId={id}
              from={values.from}
              onFrom={(from) => set({ from })}
              onAll={() => set({ view: 'all' })}
              onOpen={setOpened}
            />
          ) : (
            <AllEvents calendarId={id} onOpen={setOpened} />
          )}
          <CalendarDoings calendar={calendar} doing={doing} onDone={() => setDoing(undefined)} />
          <EventSheet calendarId={id} manages={manages} opened={opened} onClose={() => setOpened(undefined)} />
        </>
      )}
    </Page>
  );
}
