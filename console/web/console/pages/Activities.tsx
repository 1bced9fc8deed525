import { useState } from 'react';
import { Button } from '../kit/Button';
import { Radios } from '../kit/Choices';
import { FilterBar } from '../kit/FilterBar';
import { Page } from '../kit/Page';
import { PersonFilter } from '../kit/PersonFilter';
import { useSelection } from '../kit/useSelection';
import { collect } from '../lib/collect';
import { useList } from '../lib/useData';
import { oneOf, text, useUrlState } from '../lib/useUrlState';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { EditActivity } from './crm/ActivityDialogs';
import { ActivityTable } from './crm/ActivityTable';
import { ActivitiesDocument, ActivityIds } from './crm/activityDocuments';
import { ReassignDialog } from './work/ReassignDialog';
import { MOST_PICKED } from './work/reassignment';

const ACTIVITIES = { state: oneOf('open', 'done', 'all'), person: text };
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
    completed: values.state === 'all' ? null : values.state === 'done',
  };
  const list = useList(ActivitiesDocument, { filter }, ({ crmActivities }) => crmActivities);
  const selection = useSelection(
    JSON.stringify(filter),
    list.rows.map(({ id }) => id),
    list.total,
  );
  const picked = async () => {
    const found = selection.all
      ? await collect(ActivityIds, { filter }, ({ crmActivities }) => crmActivities, MOST_PICKED + selection.ids.size)
      : { rows: list.rows };
    if (!found.rows) return found;
    const kind = 'CRM_ACTIVITY' as const;
    return { rows: found.rows.filter(({ id }) => selection.has(id)).map(({ id }) => ({ id, kind })) };
  };
  return (
    <Page title={texts.crm.activities} above={{ href: '/work/crm', label: texts.crm.title }}>
      <FilterBar changed={changed} onClear={clear}>
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
          onChange={(person) => set({ person })}
        />
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
        items={picked}
        onBegun={selection.clear}
      />
    </Page>
  );
}
