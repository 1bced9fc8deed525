import { useState } from 'react';
import { Link } from 'wouter';
import { Button, LinkButton } from '../kit/Button';
import { Select } from '../kit/Choices';
import { DataTable } from '../kit/DataTable';
import { DepartmentSelect } from '../kit/DepartmentSelect';
import { ExportButton } from '../kit/ExportButton';
import { FilterBar } from '../kit/FilterBar';
import { Page } from '../kit/Page';
import { PersonFilter } from '../kit/PersonFilter';
import { SearchField } from '../kit/SearchField';
import { Tag } from '../kit/Tag';
import { useSelection } from '../kit/useSelection';
import { useList } from '../lib/useData';
import { useUrlState } from '../lib/useUrlState';
import { useSay, useTexts } from '../texts';
import { useViewer } from '../viewer';
import { NewRecord } from './crm/NewRecord';
import { StageFilter } from './crm/StageFilter';
import { RecordsDocument } from './crm/documents';
import { KINDS, RECORDS, WORK, recordFilter } from './crm/filter';
import { Holder } from './work/Holder';
import { ReassignDialog } from './work/ReassignDialog';
import { picksOf } from './work/reassignment';

export default function Crm() {
  const texts = useTexts();
  const words = texts.crm;
  const say = useSay();
  const { may } = useViewer();
  const { values, set, clear, changed } = useUrlState(RECORDS);
  const [creating, setCreating] = useState(false);
  const [assigning, setAssigning] = useState(false);
  const filter = recordFilter(values);
  const list = useList(RecordsDocument, { filter }, ({ crmItems }) => crmItems);
  const selection = useSelection(
    JSON.stringify(filter),
    list.rows.map(({ id }) => id),
    list.total,
  );
  const kinds = (filter.kind ?? KINDS).map((kind) => WORK[kind]);
  const kindOf = (id: string) => {
    const row = list.rows.find((one) => one.id === id);
    return row && WORK[row.kind];
  };

  return (
    <Page
      title={words.title}
      actions={
        <>
          <ExportButton list="crm" filter={filter} note={words.exported} />
          <LinkButton href="/work/activities">{words.activities}</LinkButton>
          <Button look="primary" onPress={() => setCreating(true)}>
            {words.new}
          </Button>
        </>
      }
    >
      <FilterBar changed={changed} onClear={clear}>
        <SearchField label={words.search} value={values.q} onChange={(q) => set({ q }, { replace: true })} main />
        <Select
          label={words.kind}
          hideLabel
          value={values.kind}
          onChange={(kind) => set({ kind })}
          options={[
            { value: 'any', label: words.anyKind },
            ...KINDS.map((kind) => ({ value: kind, label: texts.enums.crmKinds[kind] })),
          ]}
        />
        <Select
          label={words.state}
          hideLabel
          value={values.state}
          onChange={(state) => set({ state })}
          options={(['open', 'closed', 'all'] as const).map((state) => ({ value: state, label: words.states[state] }))}
        />
        <Select
          label={words.holder}
          value={values.holder}
          onChange={(holder) => set({ holder, person: '' })}
          options={(['any', 'left', 'none'] as const)
            .filter((holder) => holder !== 'left' || may('SEE_DISMISSED_USERS'))
            .map((holder) => ({ value: holder, label: words.holders[holder] }))}
        />
        <PersonFilter
          label={texts.tasks.person}
          none={texts.tasks.anybody}
          value={values.person}
          onChange={(person) => set({ person, holder: 'any' })}
        />
        <StageFilter value={values.stage} onChange={(stage) => set({ stage }, { replace: true })} rows={list.rows} />
        <DepartmentSelect
          label={texts.common.department}
          hideLabel
          none={texts.tasks.allDepartments}
          value={values.department}
          onChange={(department) => set({ department })}
        />
      </FilterBar>
      <DataTable
        label={words.title}
        list={list}
        count={words.count}
        keyOf={({ id }) => id}
        nameOf={({ title }) => title}
        selection={may('REASSIGN_WORK') ? selection : undefined}
        empty={changed ? words.nothing : words.nothingYet}
        groupActions={<Button onPress={() => setAssigning(true)}>{words.assign}</Button>}
        head={{
          label: words.record,
          cell: ({ id, title, kind }) => (
            <>
              <Link href={`/work/crm/${id}`}>{title}</Link>
              <small>{texts.enums.crmKind[kind]}</small>
            </>
          ),
        }}
        columns={[
          {
            id: 'stage',
            label: words.stage,
            cell: ({ stage, closed }) =>
              (stage || closed) && (
                <span className="tags">
                  {stage}
                  {closed && <Tag>{words.closed}</Tag>}
                </span>
              ),
          },
          {
            id: 'amount',
            label: words.amount,
            numeric: true,
            cell: ({ amount, currency }) => amount && say.money(amount, currency),
          },
          { id: 'responsible', label: words.responsible, cell: ({ responsible }) => <Holder of={responsible} /> },
          { id: 'updated', label: words.updated, cell: ({ updatedAt }) => say.date(updatedAt) },
        ]}
      />
      <NewRecord isOpen={creating} onClose={() => setCreating(false)} />
      <ReassignDialog
        title={words.assignTitle}
        isOpen={assigning}
        onClose={() => setAssigning(false)}
        items={() => picksOf(selection, kinds, { crmItems: filter }, kindOf)}
        onBegun={selection.clear}
      />
    </Page>
  );
}
