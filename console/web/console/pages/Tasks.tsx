import { useState } from 'react';
import { Button, LinkButton } from '../kit/Button';
import { Checkbox, Select } from '../kit/Choices';
import { DataTable } from '../kit/DataTable';
import { DepartmentSelect } from '../kit/DepartmentSelect';
import { ExportButton } from '../kit/ExportButton';
import { FilterBar } from '../kit/FilterBar';
import { Page } from '../kit/Page';
import { PersonFilter, useName } from '../kit/PersonFilter';
import { SearchField } from '../kit/SearchField';
import { useSelection } from '../kit/useSelection';
import { useList } from '../lib/useData';
import { text, useUrlState } from '../lib/useUrlState';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { NewTask } from './tasks/NewTask';
import { TaskSheet } from './tasks/TaskSheet';
import { TasksDocument } from './tasks/documents';
import { TASKS, taskFilter } from './tasks/filter';
import { Due } from './work/Due';
import { Holder } from './work/Holder';
import { ReassignDialog, type Role } from './work/ReassignDialog';
import { picksOf } from './work/reassignment';

/** The task that is open beside the list. */
const OPEN = { task: text };

const KINDS = ['TASK_RESPONSIBLE', 'TASK_CREATOR', 'TASK_PARTICIPANT', 'TASK_OBSERVER'] as const;
const ROLES = ['any', 'ongoing', 'assisting', 'set', 'following'] as const;
const CLOSED = ['COMPLETED', 'DECLINED'];

export default function Tasks() {
  const texts = useTexts();
  const words = texts.tasks;
  const { may } = useViewer();
  const { values, set, clear, changed } = useUrlState(TASKS);
  const sheet = useUrlState(OPEN);
  const [now] = useState(() => new Date().toISOString());
  const [creating, setCreating] = useState(false);
  const [changing, setChanging] = useState(false);
  const filter = taskFilter(values, now);
  const list = useList(TasksDocument, { filter }, ({ tasks }) => tasks);
  const selection = useSelection(
    JSON.stringify(filter),
    list.rows.map(({ id }) => id),
    list.total,
  );
  const name = useName(values.person);
  const from = values.person && name ? { id: values.person, name } : undefined;

  const roles: Role[] = KINDS.map((kind) => ({
    kind,
    label: words.newPeople[kind],
    shared: kind === 'TASK_PARTICIPANT' || kind === 'TASK_OBSERVER',
    observable: kind === 'TASK_RESPONSIBLE' || kind === 'TASK_CREATOR',
  }));

  return (
    <Page
      title={words.title}
      actions={
        <>
          <ExportButton list="tasks" filter={filter} />
          <LinkButton href="/work/recurring">{words.recurring}</LinkButton>
          <Button look="primary" onPress={() => setCreating(true)}>
            {words.newTask}
          </Button>
        </>
      }
    >
      <FilterBar changed={changed} onClear={clear}>
        <SearchField label={words.search} value={values.q} onChange={(q) => set({ q }, { replace: true })} main />
        <Select
          label={words.state}
          hideLabel
          value={values.state}
          onChange={(state) => set({ state, late: values.late && state === 'open' })}
          options={(['open', 'closed', 'all'] as const).map((state) => ({ value: state, label: words.states[state] }))}
        />
        <PersonFilter
          label={words.person}
          none={words.anybody}
          value={values.person}
          onChange={(person) => set(person ? { person } : { person, role: 'any' })}
        />
        {(values.person || values.left) && (
          <Select
            label={words.role}
            hideLabel
            value={values.role}
            onChange={(role) => set({ role })}
            options={ROLES.map((role) => ({ value: role, label: words.roles[role] }))}
          />
        )}
        <DepartmentSelect
          label={texts.common.department}
          hideLabel
          none={words.allDepartments}
          value={values.department}
          onChange={(department) => set({ department })}
        />
        {may('SEE_DISMISSED_USERS') && (
          <Checkbox label={words.left} checked={values.left} onChange={(left) => set({ left })} />
        )}
        <Checkbox
          label={words.overdue}
          checked={values.late}
          onChange={(late) => set(late ? { late, state: 'open' } : { late })}
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
        groupActions={<Button onPress={() => setChanging(true)}>{words.change}</Button>}
        head={{
          label: words.task,
          cell: ({ id, title }) => (
            <Button look="link" onPress={() => sheet.set({ task: id })}>
              {title}
            </Button>
          ),
        }}
        columns={[
          {
            id: 'status',
            label: texts.common.status,
            cell: ({ status, statusText }) => statusText ?? texts.enums.taskStatus[status],
          },
          { id: 'responsible', label: words.responsible, cell: ({ responsible }) => <Holder of={responsible} /> },
          { id: 'creator', label: words.creator, cell: ({ creator }) => <Holder of={creator} /> },
          {
            id: 'due',
            label: words.deadline,
            cell: ({ deadline, status }) => <Due at={deadline} open={!CLOSED.includes(status)} />,
          },
        ]}
      />
      <NewTask isOpen={creating} onClose={() => setCreating(false)} />
      <TaskSheet id={sheet.values.task} onClose={() => sheet.set({ task: '' })} />
      <ReassignDialog
        title={words.changeTitle}
        isOpen={changing}
        onClose={() => setChanging(false)}
        items={(kind = 'TASK_RESPONSIBLE') => picksOf(selection, [kind], { tasks: filter })}
        roles={roles}
        from={from}
        onBegun={selection.clear}
      />
    </Page>
  );
}
