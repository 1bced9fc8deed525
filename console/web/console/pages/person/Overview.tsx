import { Link } from 'wouter';
import { Table } from '../../kit/DataTable';
import { Facts, Panel } from '../../kit/Page';
import { DismissalTag } from '../../kit/Tag';
import { useMoment } from '../../lib/moment';
import { useSay, useTexts } from '../../texts';
import type { PersonData } from './document';
import { Managed } from './Managed';

/** Who somebody is, and when they left. */
export function PersonOverview({ person }: { person: PersonData }) {
  const texts = useTexts();
  const words = texts.person;
  const say = useSay();
  const moment = useMoment();
  const { department, head, dismissals } = person;
  const facts = [
    [texts.common.email, <a href={`mailto:${person.email}`}>{person.email}</a>] as const,
    [texts.common.position, person.position ?? words.missing] as const,
    [
      texts.common.department,
      department ? <Link href={`/people?department=${department.id}`}>{department.name}</Link> : words.missing,
    ] as const,
    [words.head, head ? <Link href={`/people/${head.id}`}>{head.name}</Link> : texts.common.nobody] as const,
    [words.role, texts.enums.role[person.role]] as const,
    ...(person.hiredOn ? [[words.hiredOn, say.day(person.hiredOn)] as const] : []),
    ...(person.externalId ? [[words.externalId, <code>{person.externalId}</code>] as const] : []),
    [words.id, <code>{person.id}</code>] as const,
  ];
  return (
    <>
      <Panel title={words.about}>
        <div className="about">
          <Facts of={facts} />
        </div>
      </Panel>
      <Managed person={person} />
      {dismissals && dismissals.length > 0 && (
        <Panel title={words.dismissals}>
          <Table
            label={words.dismissals}
            rows={dismissals}
            keyOf={({ id }) => id}
            head={{
              label: words.effectiveAt,
              cell: ({ effectiveAt, reason }) => (
                <>
                  {moment(effectiveAt)}
                  {reason && <small>{reason}</small>}
                </>
              ),
            }}
            columns={[
              {
                id: 'state',
                label: texts.common.status,
                cell: ({ state, failure }) => (
                  <>
                    <DismissalTag state={state} />
                    {failure && <small className="below problem">{failure}</small>}
                  </>
                ),
              },
              { id: 'ended', label: words.endedAt, cell: ({ endedAt }) => endedAt && say.dateTime(endedAt) },
              {
                id: 'by',
                label: words.requestedBy,
                cell: ({ requestedBy }) =>
                  requestedBy && <Link href={`/people/${requestedBy.id}`}>{requestedBy.name}</Link>,
              },
              {
                id: 'handover',
                label: words.handover,
                cell: ({ handover }) =>
                  handover && (
                    <Link href={`/handovers/${handover.id}`}>{texts.enums.handoverState[handover.state]}</Link>
                  ),
              },
            ]}
          />
        </Panel>
      )}
    </>
  );
}
