import { Link } from 'wouter';
import { Table } from '../../kit/DataTable';
import { Panel } from '../../kit/Page';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { Star } from './Star';
import type { CalendarRow } from './documents';

interface GroupProps {
  title: string;
  hint?: string;
  empty?: string;
  calendars: readonly CalendarRow[];
  starred: ReadonlySet<string>;
}

export function CalendarGroup({ title, hint, empty, calendars, starred }: GroupProps) {
  const { common, calendars: words } = useTexts();
  const { user } = useViewer();
  return (
    <Panel title={title}>
      {hint && <p className="note">{hint}</p>}
      {calendars.length === 0 ? (
        <p className="note">{empty}</p>
      ) : (
        <Table
          label={title}
          rows={calendars}
          keyOf={({ id }) => id}
          head={{ label: common.name, cell: ({ id, name }) => <Link href={`/calendars/${id}`}>{name}</Link> }}
          columns={[
            {
              id: 'owner',
              label: words.owner,
              cell: ({ owner }) => (owner.id === user.id ? words.you : owner.name),
            },
            {
              id: 'keeper',
              label: words.keeper,
              cell: ({ keptBy, owner }) =>
                keptBy.id === owner.id ? null : keptBy.id === user.id ? words.you : keptBy.name,
            },
          ]}
          actions={(calendar) => <Star calendar={calendar} on={starred.has(calendar.id)} />}
        />
      )}
    </Panel>
  );
}
