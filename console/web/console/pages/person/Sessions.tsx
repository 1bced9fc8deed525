import { useState } from 'react';
import { graphql } from '../../graphql';
import { Alert, Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Confirm } from '../../kit/Confirm';
import { Table } from '../../kit/DataTable';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { tell } from '../../kit/Status';
import { Tag } from '../../kit/Tag';
import { deviceOf } from '../../lib/device';
import { codeOf } from '../../lib/errors';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { signOut } from '../../session';
import { useSay, useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { Identities } from '../account/Identities';

const SessionsDocument = graphql(`
  query SessionsOfPerson($id: ID!) {
    user(id: $id) {
      id
      sessions {
        id
        startedAt
        lastUsedAt
        userAgent
        current
      }
    }
  }
`);

const EndOne = graphql(`
  mutation EndSession($input: EndSessionInput!) {
    endSession(input: $input) {
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const EndAll = graphql(`
  mutation EndSessions($input: EndSessionsInput!) {
    endSessions(input: $input) {
      userErrors {
        code
        message
        field
      }
    }
  }
`);

interface SessionsProps {
  userId: string;
  name: string;
  own: boolean;
}

/** Where somebody is signed in and with which accounts they can sign in, and the end of it. */
export function Sessions({ userId, name, own }: SessionsProps) {
  const texts = useTexts();
  const words = texts.person;
  const say = useSay();
  const { may } = useViewer();
  const [asked, setAsked] = useState(false);
  const { data, error, loading, reload } = useData(SessionsDocument, { id: userId });
  const one = useAction(EndOne);
  const all = useAction(EndAll);
  const sessions = data?.user?.sessions;

  if (loading) return <Skeleton />;
  if (!sessions) {
    if (error && codeOf(error) !== 'FORBIDDEN') return <Failure error={error} onRetry={reload} />;
    return <Alert tone="neutral">{words.sessionsForbidden}</Alert>;
  }
  const deviceName = (userAgent: string | null) => {
    const device = userAgent === null ? null : deviceOf(userAgent);
    if (device) return device.system ? words.device(device.browser, device.system) : device.browser;
    return userAgent ?? words.unknownDevice;
  };
  const end = async (session: { id: string; userAgent: string | null }) => {
    if (!(await one.run({ input: { sessionId: session.id } }))) return;
    tell(words.sessionEnded(deviceName(session.userAgent)));
    reload();
  };
  const endAll = async () => {
    if (!(await all.run({ input: { userId } }))) return;
    setAsked(false);
    // Among one's own is this one: the page has no session any more.
    if (own) return void signOut();
    tell(words.sessionsEnded(name));
    reload();
  };
  return (
    <>
      <Problems of={one.problems} />
      <div className="list">
        <p className="count" role="status">
          {words.sessionCount(sessions.length)}
        </p>
        {sessions.length === 0 ? (
          <EmptyState>{words.noSessions}</EmptyState>
        ) : (
          <Table
            label={words.sessions}
            rows={sessions}
            keyOf={({ id }) => id}
            head={{
              label: words.where,
              cell: ({ userAgent, current }) => (
                <span className="tags">
                  {deviceName(userAgent)}
                  {current && <Tag tone="good">{words.thisDevice}</Tag>}
                </span>
              ),
            }}
            columns={[
              { id: 'started', label: words.startedAt, cell: ({ startedAt }) => say.dateTime(startedAt) },
              { id: 'used', label: words.lastUsedAt, cell: ({ lastUsedAt }) => say.ago(lastUsedAt) },
            ]}
            actions={(session) =>
              session.current ? (
                <Button onPress={() => void signOut()}>{texts.shell.signOut}</Button>
              ) : (
                <Button pending={one.pending} onPress={() => void end(session)}>
                  {words.end}
                  <span className="hidden"> – {deviceName(session.userAgent)}</span>
                </Button>
              )
            }
          />
        )}
      </div>
      {sessions.length > 0 && (
        <div className="actions">
          <Button look="danger" onPress={() => setAsked(true)}>
            {words.endAll}
          </Button>
        </div>
      )}
      {!own && may('MANAGE_INTEGRATIONS') && <Identities userId={userId} onUnlinked={reload} />}
      <Confirm
        title={own ? words.endAllOwn : words.endAllOf(name)}
        isOpen={asked}
        onClose={() => {
          all.reset();
          setAsked(false);
        }}
        action={words.endAll}
        danger
        pending={all.pending}
        problems={all.problems}
        onConfirm={() => void endAll()}
      >
        <p>{own ? words.endAllOwnText : words.endAllText}</p>
      </Confirm>
    </>
  );
}
