import { Table } from '../../kit/DataTable';
import { Facts } from '../../kit/Page';
import { type Subject, subjectOf } from '../../kit/Subject';
import { useData } from '../../lib/useData';
import { type Say, type Texts, useSay, useTexts } from '../../texts';
import { type Entry, Mentioned } from './documents';

const ID = /^[a-z]+_[0-9a-z]{26}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const DAY = /^\d{4}-\d\d-\d\d$/;

function valueWords(value: string | null, named: ReadonlyMap<string, Subject>, texts: Texts, say: Say): string {
  const words = texts.audit;
  if (value === null || value === '') return words.nothingThere;
  if (value === 'true') return words.yes;
  if (value === 'false') return words.no;
  if (ID.test(value)) return named.get(value)?.name ?? value;
  if (TIME.test(value)) return say.dateTime(value);
  if (DAY.test(value)) return say.day(value);
  const { taskStatus, role }: Record<string, Record<string, string>> = texts.enums;
  return taskStatus?.[value] ?? role?.[value] ?? value;
}

/** As it was recorded, one field a line. */
function pretty(data: string): string {
  try {
    return JSON.stringify(JSON.parse(data), null, 2);
  } catch {
    return data;
  }
}

/** What was changed, before and after, and everything else that was recorded. */
export function Details({ entry }: { entry: Entry }) {
  const texts = useTexts();
  const words = texts.audit;
  const say = useSay();
  const values = entry.changes.flatMap(({ before, after }) => [before, after]);
  const ids = [...new Set(values.filter((value): value is string => value !== null && ID.test(value)))].slice(0, 100);
  const { data } = useData(Mentioned, { ids }, { pause: ids.length === 0 });
  const named = new Map(data?.nodes.flatMap((node) => (node ? [[node.id, subjectOf(node)] as const] : [])));
  const show = (value: string | null) => valueWords(value, named, texts, say);
  const fields: Record<string, string> = words.fields;
  const recorded = pretty(entry.data);
  return (
    <div className="entry-details">
      {entry.changes.length > 0 && (
        <Table
          label={words.changes}
          rows={entry.changes}
          keyOf={({ field }) => field}
          head={{ label: words.field, cell: ({ field }) => fields[field] ?? field }}
          columns={[
            { id: 'before', label: words.before, cell: ({ before }) => show(before) },
            { id: 'after', label: words.after, cell: ({ after }) => show(after) },
          ]}
        />
      )}
      <Facts
        of={[
          [words.exact, <time key="at" dateTime={entry.at}>{say.dateTime(entry.at)}</time>],
          [words.who, entry.actor],
          [words.code, <code key="action">{entry.action}</code>],
        ]}
      />
      {recorded !== '{}' && (
        <>
          <h3>{words.data}</h3>
          <pre tabIndex={0}>{recorded}</pre>
        </>
      )}
    </div>
  );
}
