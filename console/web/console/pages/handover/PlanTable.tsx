import type { WorkKind } from '../../graphql';
import { Table } from '../../kit/DataTable';
import { useSay, useTexts } from '../../texts';
import type { Plan } from './plan';

interface Row {
  key: string;
  kind: WorkKind;
  /** Null: it stays. */
  recipient: string | null;
  moves: number;
  staysOpen: number;
  staysClosed: number;
  unreachable: number;
}

/** What a plan moves, and below it the kinds that stay as they are. */
function rowsOf({ lines, remaining }: Pick<Plan, 'lines' | 'remaining'>): Row[] {
  const moved = new Set(lines.map(({ kind }) => kind));
  const rows = [
    ...lines.map(({ kind, recipient, movable, leftClosed, unreachable }) => ({
      key: `${kind} ${recipient?.id ?? ''}`,
      kind,
      recipient: recipient?.name ?? null,
      moves: movable,
      staysOpen: 0,
      staysClosed: leftClosed,
      unreachable,
    })),
    ...remaining.lines
      .filter(({ kind }) => !moved.has(kind))
      .map(({ kind, open, closed }) => ({
        key: `${kind} stays`,
        kind,
        recipient: null,
        moves: 0,
        staysOpen: open,
        staysClosed: closed,
        unreachable: 0,
      })),
  ];
  // One kind after the other, without those that nothing happens to.
  return [...new Set(rows.map(({ kind }) => kind))].flatMap((kind) =>
    rows.filter((row) => row.kind === kind && row.moves + row.staysOpen + row.staysClosed + row.unreachable > 0),
  );
}

interface PlanTableProps {
  plan: Pick<Plan, 'lines' | 'remaining'>;
  /** Whose work it is; null: of several people. */
  name: string | null;
}

export function PlanTable({ plan, name }: PlanTableProps) {
  const texts = useTexts();
  const words = texts.moving;
  const say = useSay();
  const rows = rowsOf(plan);
  const beyond = rows.some(({ unreachable }) => unreachable > 0);
  const number = (count: number) => (count === 0 ? <span className="note">0</span> : say.number(count));
  if (rows.length === 0) return null;
  return (
    <Table
      label={words.plan}
      rows={rows}
      keyOf={({ key }) => key}
      head={{ label: words.what, cell: ({ kind }) => texts.enums.workKind[kind] }}
      columns={[
        {
          id: 'to',
          label: words.whoGetsIt,
          cell: ({ recipient }) => recipient ?? <span className="note">{words.stays(name)}</span>,
        },
        { id: 'moves', label: words.moves, numeric: true, cell: ({ moves }) => number(moves) },
        {
          id: 'stays',
          label: words.staysColumn,
          numeric: true,
          cell: ({ staysOpen, staysClosed }) => {
            const closed = words.closedCount(staysClosed);
            if (staysOpen > 0 && staysClosed > 0) return `${say.number(staysOpen)} + ${closed}`;
            return staysClosed > 0 ? closed : number(staysOpen);
          },
        },
        ...(beyond
          ? [
              {
                id: 'beyond',
                label: words.beyond,
                numeric: true,
                cell: ({ unreachable }: Row) => number(unreachable),
              },
            ]
          : []),
      ]}
    />
  );
}
