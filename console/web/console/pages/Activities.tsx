import { useState } from 'react';
import { Button } from '../kit/Button';
import { Checkbox, Radios } from '../kit/Choices';
import { FilterBar } from '../kit/FilterBar';
import { Page } from '../kit/Page';
import { PersonFilter } from '../kit/PersonFilter';
import { SearchField } from '../kit/SearchField';
import { useSelection } from '../kit/useSelection';
import { useList } from '../lib/useData';
import { flag, oneOf, text, useUrlState } from '../lib/useUrlState';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { EditActivity } from './crm/ActivityDialogs';
import { ActivityTable } from './crm/ActivityTable';
import { ActivitiesDocument } from './crm/activityDocuments';
import { ReassignDialog } from './work/ReassignDialog';
import { picksOf } from './work/reassignment';

const ACTIVITIES = { state: oneOf('open', 'done', 'all'), person: text, left: flag, q: text };
/** The activity that is open. */
const OPEN = { activity: text };

export default function Activities() {
  const texts = useTexts();
  const words = texts.crm.activity;
  const { may } = useViewer();
  const { values, set, clear, changed } = useUrlState(ACTIVITIES);
  const open = useUrlState(OPEN);
  const [assigning, setAssigning] = useState(false);
  const filter = {
    responsibleId: values.person || null,
    responsibleDismissed: values.left ? true : null,
    completed: values.state === 'all' ? null : values.state === 'done',
    search: values.q.trim() || null,
  };
  const list = useList(ActivitiesDocument, { filter }, ({ crmActivities }) => crmActivities);
  const selection = useSelection(
    JSON.stringify(filter),
    list.rows.map(({ id }) => id),
    list.total,
  );
  return (
    <Page title={texts.crm.activities} above={{ href: '/work/crm', label: texts.crm.title }}>
      <FilterBar changed={changed} onClear={clear}>
        <SearchField label={words.search} value={values.q} onChange={(q) => set({ q }, { replace: true })} main />
        <Radios
          label={texts.crm.state}
          hideLabel
          segments
          value={values.state}
          onChange={(state) => set({ state })}
          options={(['open', 'done', 'all'] as const).map((state) => ({ value: state, label: words.states[state] }))}
        />
        <PersonFilter
          label={texts.crm.responsible}
          none={texts.tasks.anybody}
          value={values.person}
          onChange={(person) => set({ person, left: false })}
        />
        {may('SEE_DISMISSED_USERS') && (
          <Checkbox
            label={texts.tasks.left}
            checked={values.left}
            onChange={(left) => set(left ? { left, person: '' } : { left })}
          />
        )}
      </FilterBar>
      <p className="note">{words.where}</p>
      <ActivityTable
        list={list}
        empty={changed ? words.nothing : words.nothingYet}
        onOpen={(activity) => open.set({ activity })}
        selection={may('REASSIGN_WORK') ? selection : undefined}
        groupActions={<Button onPress={() => setAssigning(true)}>{texts.crm.assign}</Button>}
      />
      <EditActivity id={open.values.activity} onClose={() => open.set({ activity: '' })} />
      <ReassignDialog
        title={texts.crm.assignActivities}
        isOpen={assigning}
        onClose={() => setAssigning(false)}
        items={() => picksOf(selection, ['CRM_ACTIVITY'], { crmActivities: filter })}
        onBegun={selection.clear}
      />
    </Page>
  );
}
