import { graphql } from '../graphql';
import { Failure } from '../kit/Alert';
import { Page } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { Tabs } from '../kit/Tabs';
import { StatusTag, Tag } from '../kit/Tag';
import { codeOf } from '../lib/errors';
import { useData } from '../lib/useData';
import { NotFound } from '../shell/Nowhere';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { PersonHead } from './handover/PersonHead';
import { PersonActions } from './person/Actions';
import { DismissalBanner } from './person/Banner';
import { PersonCalendars } from './person/Calendars';
import { type PersonData, PersonDocument } from './person/document';
import { PersonFiles } from './person/Files';
import { History } from './person/History';
import { PersonOverview } from './person/Overview';
import { Sessions } from './person/Sessions';
import { Work } from './person/Work';

/** Heads of department see the work of their people: only the server knows who they are. */
const Access = graphql(`
  query AccessToWork($id: ID!) {
    user(id: $id) {
      id
      work {
        total
      }
    }
  }
`);

const TABS = ['', 'work', 'files', 'calendars', 'sessions', 'history'] as const;
type Tab = (typeof TABS)[number];

interface PersonProps {
  id: string;
  '*'?: string;
}

export default function Person({ id, '*': rest = '' }: PersonProps) {
  const texts = useTexts();
  const { data, error, loading, reload } = useData(PersonDocument, { id });
  const above = { href: '/people', label: texts.people.title };
  const tab = TABS.find((name) => name === rest);
  const gone = error && ['NOT_FOUND', 'BAD_USER_INPUT'].includes(codeOf(error) ?? '');
  if (tab === undefined || data?.user === null || gone) return <NotFound />;
  if (data?.user) return <Profile person={data.user} tab={tab} above={above} reload={reload} />;
  return (
    <Page title={texts.person.title} above={above}>
      {loading && <Skeleton lines={8} />}
      {error && <Failure error={error} onRetry={reload} />}
    </Page>
  );
}

interface ProfileProps {
  person: PersonData;
  tab: Tab;
  above: { href: string; label: string };
  reload(): void;
}

function Profile({ person, tab, above, reload }: ProfileProps) {
  const texts = useTexts();
  const words = texts.person;
  const { user, may } = useViewer();
  const { id, name } = person;
  const own = id === user.id;
  const readsWork = own || may('READ_WORK');
  const access = useData(Access, { id }, { pause: readsWork });
  const seesWork = readsWork || access.data?.user?.work != null;

  const base = `/people/${id}`;
  const shown = (when: boolean, name: Tab, label: string) =>
    when || tab === name ? [{ name, href: name ? `${base}/${name}` : base, label }] : [];
  const tabs = [
    ...shown(true, '', words.profile),
    ...shown(seesWork, 'work', words.work),
    ...shown(readsWork || person.drive !== null, 'files', words.files),
    ...shown(readsWork || person.calendars.length > 0, 'calendars', words.calendars),
    ...shown(own || may('MANAGE_USERS'), 'sessions', words.sessions),
    ...shown(may('READ_AUDIT_LOG'), 'history', words.history),
  ];
  const label = tabs.find((one) => one.name === tab)?.label;
  return (
    <Page
      title={tab === '' || !label ? name : `${name}: ${label}`}
      above={above}
      actions={<PersonActions person={person} onChange={reload} />}
      head={(heading) => (
        <PersonHead person={person} title={name} heading={heading}>
          <span className="tags">
            <StatusTag status={person.status} />
            {person.role === 'ADMINISTRATOR' && <Tag>{texts.enums.role.ADMINISTRATOR}</Tag>}
            {person.directory && <Tag>{texts.directories.managedBy(person.directory.directory.name)}</Tag>}
          </span>
        </PersonHead>
      )}
    >
      <DismissalBanner person={person} onChange={reload} />
      <Tabs label={words.tabs} tabs={tabs} />
      {tab === '' && <PersonOverview person={person} />}
      {tab === 'work' && <Work userId={id} own={own} />}
      {tab === 'files' && <PersonFiles userId={id} />}
      {tab === 'calendars' && <PersonCalendars userId={id} />}
      {tab === 'sessions' && <Sessions userId={id} name={name} own={own} />}
      {tab === 'history' && <History userId={id} />}
    </Page>
  );
}
