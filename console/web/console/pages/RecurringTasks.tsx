import { useState } from 'react';
import { Alert } from '../kit/Alert';
import { Button } from '../kit/Button';
import { DataTable } from '../kit/DataTable';
import { FilterBar } from '../kit/FilterBar';
import { Page, Panel } from '../kit/Page';
import { PersonFilter } from '../kit/PersonFilter';
import { Tag } from '../kit/Tag';
import { ruleWords } from '../lib/recurrence';
import { useList } from '../lib/useData';
import { text, useUrlState } from '../lib/useUrlState';
import { useSay, useTexts } from '../texts';
import { NewTemplate } from './tasks/NewTemplate';
import { TemplateSheet } from './tasks/TemplateSheet';
import { TemplatesDocument } from './tasks/templateDocuments';
import { Holder } from './work/Holder';

const TEMPLATES = { person: text };
/** The one that is open beside the list. */
const OPEN = { template: text };

export default function RecurringTasks() {
  const texts = useTexts();
  const words = texts.tasks.templates;
  const { values, set, clear, changed } = useUrlState(TEMPLATES);
  const open = useUrlState(OPEN);
  const [creating, setCreating] = useState(false);
  const show = (template: string) => open.set({ template });
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
        <PersonFilter
          label={texts.tasks.person}
          none={texts.tasks.anybody}
          value={values.person}
          onChange={(person) => set({ person })}
        />
      </FilterBar>
      <Panel title={words.stalled}>
        <Templates label={words.stalled} stalled person={values.person} empty={words.noneStalled} onOpen={show} />
      </Panel>
      <Panel title={words.going}>
        <Templates
          label={words.going}
          stalled={false}
          person={values.person}
          empty={changed ? words.noneFit : words.none}
          onOpen={show}
        />
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
  empty: string;
  onOpen(id: string): void;
}

function Templates({ label, stalled, person, empty, onOpen }: TemplatesProps) {
  const texts = useTexts();
  const words = texts.tasks.templates;
  const say = useSay();
  const filter = { stalled, userId: person || null };
  const list = useList(TemplatesDocument, { filter }, ({ taskTemplates }) => taskTemplates);
  return (
    <>
      {stalled && list.rows.length > 0 && <Alert tone="warn">{words.stalledText}</Alert>}
      <DataTable
        label={label}
        list={list}
        count={words.count}
        keyOf={({ id }) => id}
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
    </>
  );
}
