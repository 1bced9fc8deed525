import { Link } from 'wouter';
import { Alert } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Table } from '../../kit/DataTable';
import { refusalText } from '../../lib/errors';
import { useSay, useTexts } from '../../texts';
import type { PickedPerson } from './queries';

interface WhoProps {
  people: readonly PickedPerson[];
  onTakeOut(ids: readonly string[]): void;
}

/** Everybody who goes, with what stands in the way of each. */
export function Who({ people, onTakeOut }: WhoProps) {
  const texts = useTexts();
  const words = texts.dismiss.several;
  const say = useSay();
  const refused = people.filter(({ viewerCan }) => viewerCan.dismiss);
  return (
    <section className="panel">
      {refused.length > 0 && (
        <Alert
          tone="warn"
          title={words.refused(refused.length, people.length)}
          action={<Button onPress={() => onTakeOut(refused.map(({ id }) => id))}>{words.takeOut}</Button>}
        >
          {words.allOrNone}
        </Alert>
      )}
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
          { id: 'head', label: words.head, cell: ({ head }) => head?.name ?? <span className="note">{words.noHead}</span> },
          { id: 'holds', label: words.holds, numeric: true, cell: ({ work }) => work && say.number(work.total) },
          {
            id: 'state',
            label: words.state,
            cell: ({ viewerCan: { dismiss } }) =>
              dismiss ? <span className="problem">{refusalText(dismiss, texts)}</span> : words.may,
          },
        ]}
        actions={({ id, name }) => (
          <Button look="quiet" onPress={() => onTakeOut([id])}>
            {words.takeOutShort}
            <span className="hidden"> – {name}</span>
          </Button>
        )}
      />
    </section>
  );
}
