import { useState } from 'react';
import { Alert } from '../kit/Alert';
import { Button } from '../kit/Button';
import { DataTable } from '../kit/DataTable';
import { FilterBar } from '../kit/FilterBar';
import { Page, Panel } from '../kit/Page';
import { PersonFilter, useName } from '../kit/PersonFilter';
import type { Picked } from '../kit/PersonPicker';
import { SearchField } from '../kit/SearchField';
import { Tag } from '../kit/Tag';
import { useSelection } from '../kit/useSelection';
import { ruleWords } from '../lib/recurrence';
import { useList } from '../lib/useData';
import { text, useUrlState } from '../lib/useUrlState';
import { useSay, useTexts } from '../texts';
import { useViewer } from '../viewer';
import { NewTemplate } from './tasks/NewTemplate';
import { TemplateSheet } from './tasks/TemplateSheet';
import { TemplatesDocument } from './tasks/templateDocuments';
import { Holder } from './work/Holder';
import { ReassignDialog } from './work/ReassignDialog';
import { picksOf } from './work/reassignment';

const TEMPLATES = { person: text, q: text };
/** The one that is open beside the list. */
const OPEN = { template: text };

export default function RecurringTasks() {
  const texts = useTexts();
  const words = texts.tasks.templates;
  const { values, set, clear, changed } = useUrlState(TEMPLATES);
  const open = useUrlState(OPEN);
  const [creating, setCreating] = useState(false);
  const show = (template: string) => open.set({ template });
  const { may } = useViewer();
  const name = useName(values.person);
  const search = values.q.trim() || null;
  // Several people can have a role in one of them: whom to replace has to be said.
  const from = values.person && name ? { id: values.person, name } : undefined;
  const lists = { search, from, mayChange: may('REASSIGN_WORK'), person: values.person, onOpen: show };
  return (
    <Page
      title={texts.tasks.recurring}
      above={{ href: '/work/tasks', label: texts.tasks.title }}
      actions={
        <Button look="primary" onPress={() => setCreating(true)}>
          {words.new}
        </Button>
      }
    >
      <FilterBar changed={changed} onClear={clear}>
        <SearchField label={texts.tasks.search} value={values.q} onChange={(q) => set({ q }, { replace: true })} main />
        <PersonFilter
          label={texts.tasks.person}
          none={texts.tasks.anybody}
          value={values.person}
          onChange={(person) => set({ person })}
        />
      </FilterBar>
      <Panel title={words.stalled}>
        <Templates {...lists} label={words.stalled} stalled empty={words.noneStalled} />
      </Panel>
      <Panel title={words.going}>
        <Templates {...lists} label={words.going} stalled={false} empty={changed ? words.noneFit : words.none} />
      </Panel>
      <NewTemplate isOpen={creating} onClose={() => setCreating(false)} />
      <TemplateSheet id={open.values.template} onClose={() => open.set({ template: '' })} />
    </Page>
  );
}

interface TemplatesProps {
  label: string;
  stalled: boolean;
  person: string;
  search: string | null;
  /** Who is replaced in what is picked. */
  from: Picked | undefined;
  mayChange: boolean;
  empty: string;
  onOpen(id: string): void;
}

function Templates({ label, stalled, person, search, from, mayChange, empty, onOpen }: TemplatesProps) {
  const texts = useTexts();
  const words = texts.tasks.templates;
  const say = useSay();
  const filter = { stalled, userId: person || null, search };
  const list = useList(TemplatesDocument, { filter }, ({ taskTemplates }) => taskTemplates);
  const selection = useSelection(
    JSON.stringify(filter),
    list.rows.map(({ id }) => id),
    list.total,
  );
  const [changing, setChanging] = useState(false);
  return (
    <>
      {stalled && list.rows.length > 0 && <Alert tone="warn">{words.stalledText}</Alert>}
      <DataTable
        label={label}
        list={list}
        count={words.count}
        keyOf={({ id }) => id}
        nameOf={({ title }) => title}
        selection={mayChange ? selection : undefined}
        groupActions={
          from ? (
            <Button onPress={() => setChanging(true)}>{words.replace(from.name)}</Button>
          ) : (
            <span>{texts.tasks.needsPerson}</span>
          )
        }
        empty={empty}
        head={{
          label: texts.tasks.task,
          cell: ({ id, title }) => (
            <Button look="link" onPress={() => onOpen(id)}>
              {title}
            </Button>
          ),
        }}
        columns={[
          { id: 'rule', label: words.rule, cell: ({ recurrence }) => ruleWords(recurrence, texts, say) },
          { id: 'responsible', label: texts.tasks.responsible, cell: ({ responsible }) => <Holder of={responsible} /> },
          { id: 'creator', label: texts.tasks.creator, cell: ({ creator }) => <Holder of={creator} /> },
          {
            id: 'next',
            label: words.next,
            cell: ({ nextRunAt, stalled }) => {
              if (!nextRunAt) return <Tag>{words.ended}</Tag>;
              if (!stalled) return say.dateTime(nextRunAt);
              return <Tag tone="bad">{words.missed(say.date(nextRunAt))}</Tag>;
            },
          },
        ]}
      />
      {from && (
        <ReassignDialog
          title={words.replaceTitle(from.name)}
          isOpen={changing}
          onClose={() => setChanging(false)}
          items={() => picksOf(selection, ['TASK_TEMPLATE'], { taskTemplates: filter })}
          replaced={from.id}
          onBegun={selection.clear}
        />
      )}
    </>
  );
}
