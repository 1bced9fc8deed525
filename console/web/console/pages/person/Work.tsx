import { Link, useLocation } from 'wouter';
import { type WorkKind, graphql } from '../../graphql';
import { Alert, Failure } from '../../kit/Alert';
import { Table } from '../../kit/DataTable';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { codeOf } from '../../lib/errors';
import { useData } from '../../lib/useData';
import { useUrlState } from '../../lib/useUrlState';
import { useSay, useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { HELD, HeldItems } from './HeldItems';

const WorkDocument = graphql(`
  query WorkOfPerson($id: ID!) {
    user(id: $id) {
      id
      work {
        total
        lines {
          kind
          open
          closed
        }
      }
    }
  }
`);

interface WorkProps {
  userId: string;
  own: boolean;
}

/** Everything that somebody holds, by kind; each kind opens its items. */
export function Work({ userId, own }: WorkProps) {
  const texts = useTexts();
  const words = texts.person;
  const say = useSay();
  const { may } = useViewer();
  const [path] = useLocation();
  const { values, set } = useUrlState(HELD);
  const { data, error, loading, reload } = useData(WorkDocument, { id: userId });
  const work = data?.user?.work;
  // Whose work may be counted is not always whose items may be read.
  const opens = own || may('READ_WORK');
  const nameOf = (kind: WorkKind) => (own ? words.ownWork[kind] : texts.enums.workKind[kind]);

  /** A number that opens what it counts. */
  const number = (kind: WorkKind, show: 'open' | 'closed', count: number) => {
    if (count === 0) return <span className="note">0</span>;
    if (!opens) return say.number(count);
    return (
      <Link href={`${path}?kind=${kind}${show === 'closed' ? '&show=closed' : ''}`}>
        {say.number(count)}
        <span className="hidden"> – {words.these(nameOf(kind), words[show])}</span>
      </Link>
    );
  };

  if (loading) return <Skeleton lines={8} />;
  if (!work) {
    if (error && codeOf(error) !== 'FORBIDDEN') return <Failure error={error} onRetry={reload} />;
    return <Alert tone="neutral">{words.workForbidden}</Alert>;
  }
  const open = work.lines.reduce((total, line) => total + line.open, 0);
  return (
    <>
      {work.total === 0 ? (
        <EmptyState>{own ? words.noOwnWork : words.noWork}</EmptyState>
      ) : (
        <div className="list">
          <p className="count">{words.workTotal(open, work.total - open)}</p>
          <Table
            label={words.work}
            rows={work.lines}
            keyOf={({ kind }) => kind}
            head={{
              label: words.what,
              cell: ({ kind }) =>
                opens ? <Link href={`${path}?kind=${kind}`}>{nameOf(kind)}</Link> : nameOf(kind),
            }}
            columns={[
              { id: 'open', label: words.open, numeric: true, cell: ({ kind, open }) => number(kind, 'open', open) },
              {
                id: 'closed',
                label: words.closed,
                numeric: true,
                cell: ({ kind, closed }) => number(kind, 'closed', closed),
              },
            ]}
          />
        </div>
      )}
      {opens && values.kind !== 'none' && (
        <HeldItems
          userId={userId}
          kind={values.kind}
          title={nameOf(values.kind)}
          show={values.show}
          onShow={(show) => set({ show }, { replace: true })}
          onClose={() => set({ kind: 'none', show: 'open' })}
        />
      )}
    </>
  );
}
