import { Link } from 'wouter';
import { type ResultOf, graphql } from '../../graphql';
import { Table } from '../../kit/DataTable';
import { useSay, useTexts } from '../../texts';

export const ReturnPlanDocument = graphql(`
  query ReturnPlan($id: ID!) {
    returnPlan(userId: $id) {
      total
      lines {
        kind
        returnable
        movedOn
        unreachable
        from {
          id
          name
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export type Plan = ResultOf<typeof ReturnPlanDocument>['returnPlan'];

/** What comes back, by kind and by who has it now; and what does not. */
export function PlanTable({ plan }: { plan: Plan }) {
  const texts = useTexts();
  const words = texts.hiring;
  const say = useSay();
  const sum = (of: 'movedOn' | 'unreachable') => plan.lines.reduce((total, line) => total + line[of], 0);
  const some = { movedOn: sum('movedOn') > 0, unreachable: sum('unreachable') > 0 };
  return (
    <>
      <Table
        label={words.plan}
        rows={plan.lines}
        keyOf={({ kind, from }) => `${kind} ${from?.id ?? ''}`}
        head={{ label: texts.person.what, cell: ({ kind }) => texts.enums.workKind[kind] }}
        columns={[
          {
            id: 'from',
            label: words.heldBy,
            cell: ({ from }) => (from ? <Link href={`/people/${from.id}`}>{from.name}</Link> : texts.common.nobody),
          },
          { id: 'back', label: words.comesBack, numeric: true, cell: ({ returnable }) => say.number(returnable) },
          ...(some.movedOn
            ? [
                {
                  id: 'stays',
                  label: words.movedOn,
                  numeric: true,
                  cell: ({ movedOn }: Plan['lines'][number]) => say.number(movedOn),
                },
              ]
            : []),
          ...(some.unreachable
            ? [
                {
                  id: 'beyond',
                  label: words.unreachable,
                  numeric: true,
                  cell: ({ unreachable }: Plan['lines'][number]) => say.number(unreachable),
                },
              ]
            : []),
        ]}
      />
      {some.movedOn && <p className="note">{words.movedOnHint(sum('movedOn'))}</p>}
      {some.unreachable && <p className="note">{words.unreachableHint(sum('unreachable'))}</p>}
    </>
  );
}
