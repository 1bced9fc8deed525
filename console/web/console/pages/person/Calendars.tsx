import { Link } from 'wouter';
import { graphql } from '../../graphql';
import { Failure } from '../../kit/Alert';
import { Table } from '../../kit/DataTable';
import { Panel } from '../../kit/Page';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { useData } from '../../lib/useData';
import { useTexts } from '../../texts';

const CalendarsDocument = graphql(`
  query CalendarsOfPerson($id: ID!) {
    user(id: $id) {
      id
      calendars {
        id
        name
        owner {
          id
          name
        }
        keptBy {
          id
          name
        }
      }
      favoriteCalendars {
        id
        name
        owner {
          id
          name
        }
        keptBy {
          id
          name
        }
      }
    }
  }
`);

interface Calendar {
  id: string;
  name: string;
  owner: { id: string; name: string };
  keptBy: { id: string; name: string };
}

/** The calendars that somebody owns, and those that they have as favourites. */
export function PersonCalendars({ userId }: { userId: string }) {
  const words = useTexts().person;
  const { data, error, loading, reload } = useData(CalendarsDocument, { id: userId });
  if (loading) return <Skeleton />;
  if (!data?.user) return error ? <Failure error={error} onRetry={reload} /> : null;
  return (
    <>
      <Panel title={words.ownCalendars}>
        <Calendars label={words.ownCalendars} of={data.user.calendars} empty={words.noCalendars} />
      </Panel>
      <Panel title={words.favorites}>
        <Calendars label={words.favorites} of={data.user.favoriteCalendars} empty={words.noFavorites} />
      </Panel>
    </>
  );
}

function Calendars({ label, of, empty }: { label: string; of: readonly Calendar[]; empty: string }) {
  const texts = useTexts();
  const words = texts.person;
  if (of.length === 0) return <EmptyState>{empty}</EmptyState>;
  return (
    <Table
      label={label}
      rows={of}
      keyOf={({ id }) => id}
      head={{ label: texts.common.name, cell: ({ id, name }) => <Link href={`/calendars/${id}`}>{name}</Link> }}
      columns={[
        { id: 'owner', label: words.owner, cell: ({ owner }) => owner.name },
        {
          id: 'keeper',
          label: words.keptBy,
          cell: ({ keptBy }) => <Link href={`/people/${keptBy.id}`}>{keptBy.name}</Link>,
        },
      ]}
    />
  );
}
