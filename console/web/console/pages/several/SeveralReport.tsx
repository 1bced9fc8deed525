import { useEffect } from 'react';
import { Link } from 'wouter';
import { Alert, Failure } from '../../kit/Alert';
import { LinkButton } from '../../kit/Button';
import { Table } from '../../kit/DataTable';
import { HandoverTag, StatusTag } from '../../kit/Tag';
import { isOver } from '../../lib/handovers';
import { useData } from '../../lib/useData';
import { useSay, useTexts } from '../../texts';
import { HandoversDocument, type PickedPerson } from './queries';

interface ReportProps {
  people: readonly PickedPerson[];
  passed: readonly string[];
}

/** How often it is looked how far the handovers are, in milliseconds. */
const EVERY = 2_000;
const AT_ONCE = 100;

/** What has become of each; the handovers go on meanwhile. */
export function SeveralReport({ people, passed }: ReportProps) {
  const texts = useTexts();
  const words = texts.dismiss.several;
  const say = useSay();
  const running = people
    .flatMap(({ dismissal }) => dismissal?.handover ?? [])
    .map(({ id }) => id)
    .slice(0, AT_ONCE);
  const { data, error, reload } = useData(HandoversDocument, { ids: running }, { pause: running.length === 0 });
  const handovers = new Map(
    data?.nodes.flatMap((node) => (node?.__typename === 'Handover' ? [[node.id, node] as const] : [])),
  );
  const over = [...handovers.values()].every(({ state }) => isOver(state));
  useEffect(() => {
    if (over) return;
    const timer = setInterval(reload, EVERY);
    return () => clearInterval(timer);
  }, [over, reload]);
  const of = ({ dismissal }: PickedPerson) =>
    dismissal?.handover ? (handovers.get(dismissal.handover.id) ?? dismissal.handover) : undefined;
  return (
    <section className="panel" aria-busy={!over}>
      {passed.length > 0 && <Alert tone="neutral">{texts.dismiss.passed([...passed])}</Alert>}
      {error && <Failure error={error} onRetry={reload} />}
      <Table
        label={words.everybody}
        rows={people}
        keyOf={({ id }) => id}
        head={{
          label: texts.common.name,
          cell: ({ id, name, position }) => (
            <>
              <Link href={`/people/${id}`}>{name}</Link>
              <small>{position}</small>
            </>
          ),
        }}
        columns={[
          { id: 'state', label: words.state, cell: ({ status }) => <StatusTag status={status} /> },
          {
            id: 'handover',
            label: words.handover,
            cell: (person) => {
              const handover = of(person);
              if (!handover) return <span className="note">{words.noHandover}</span>;
              return (
                <Link href={`/handovers/${handover.id}`}>
                  <HandoverTag state={handover.state} />
                  <span className="hidden"> – {person.name}</span>
                </Link>
              );
            },
          },
          {
            id: 'moved',
            label: words.result,
            numeric: true,
            cell: (person) => {
              const handover = of(person);
              return handover && words.moved(handover.moved, handover.total);
            },
          },
        ]}
        actions={({ id, name }) => (
          <LinkButton href={`/people/${id}/hire`} look="quiet">
            {texts.dismiss.hire}
            <span className="hidden"> – {name}</span>
          </LinkButton>
        )}
      />
      <div className="actions">
        <LinkButton href="/dismissals">{words.toDismissals}</LinkButton>
        <LinkButton href="/people">{texts.dismiss.toPeople}</LinkButton>
      </div>
      <p role="status" className="hidden">
        {over ? say.list([words.done(people.length)]) : ''}
      </p>
    </section>
  );
}
