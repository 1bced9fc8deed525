import { useState } from 'react';
import { Link } from 'wouter';
import { Button, LinkButton } from '../kit/Button';
import { Checkbox, Radios } from '../kit/Choices';
import { DataTable } from '../kit/DataTable';
import { DepartmentSelect } from '../kit/DepartmentSelect';
import { FilterBar } from '../kit/FilterBar';
import { Page } from '../kit/Page';
import { DismissalTag } from '../kit/Tag';
import { useMoment } from '../lib/moment';
import { useData, useList } from '../lib/useData';
import { flag, oneOf, text, useUrlState } from '../lib/useUrlState';
import { useSay, useTexts } from '../texts';
import { useViewer } from '../viewer';
import { type DismissalRow, DismissalCounts, DismissalsDocument, FILTERS, type Show } from './dismissals/document';
import { CallOff } from './person/CallOff';

const STATE = {
  state: oneOf('scheduled', 'force', 'failed', 'called-off', 'all'),
  department: text,
  mine: flag,
};

/** Who leaves, who has left, and where something went wrong with that. */
export default function Dismissals() {
  const texts = useTexts();
  const words = texts.dismissals;
  const say = useSay();
  const moment = useMoment();
  const { user, may } = useViewer();
  const { values, set } = useUrlState(STATE);
  const [calledOff, setCalledOff] = useState<{ id: string; name: string } | null>(null);
  const others = { departmentId: values.department || null, requestedById: values.mine ? user.id : null };
  const filter = { ...FILTERS[values.state], ...others };
  const list = useList(DismissalsDocument, { filter }, ({ dismissals }) => dismissals);
  const counts = useData(DismissalCounts, {
    scheduled: { ...FILTERS.scheduled, ...others },
    force: { ...FILTERS.force, ...others },
    failed: { ...FILTERS.failed, ...others },
    calledOff: { ...FILTERS['called-off'], ...others },
  });
  const { data } = counts;
  const option = (value: Show, label: string, count: number | undefined) => ({
    value,
    label,
    count: count === undefined ? undefined : say.number(count),
  });
  const narrowed = values.department !== '' || values.mine;

  return (
    <Page title={words.title} above={{ href: '/people', label: texts.people.title }}>
      <FilterBar changed={narrowed} onClear={() => set({ department: '', mine: false })}>
        <Radios
          label={words.which}
          hideLabel
          segments
          value={values.state}
          onChange={(state) => set({ state })}
          options={[
            option('scheduled', words.scheduled, data?.scheduled.totalCount),
            option('force', words.inForce, data?.force.totalCount),
            option('failed', words.failed, data?.failed.totalCount),
            option('called-off', words.calledOff, data?.calledOff.totalCount),
            option('all', texts.common.all, undefined),
          ]}
        />
        <DepartmentSelect
          label={texts.common.department}
          hideLabel
          none={texts.people.allDepartments}
          value={values.department}
          onChange={(department) => set({ department })}
        />
        <Checkbox label={words.mine} checked={values.mine} onChange={(mine) => set({ mine })} />
      </FilterBar>
      <DataTable
        label={words.title}
        list={list}
        count={words.count}
        keyOf={({ id }) => id}
        empty={narrowed ? texts.common.nothingFits : words.empty[values.state]}
        head={{
          label: texts.common.name,
          cell: ({ user, reason }) => (
            <>
              <Link href={`/people/${user.id}`}>{user.name}</Link>
              <small>{[user.position, reason && words.reason(reason)].filter(Boolean).join(' · ')}</small>
            </>
          ),
        }}
        columns={[
          {
            id: 'at',
            label: words.lockOut,
            cell: ({ effectiveAt }) => moment(effectiveAt),
          },
          {
            id: 'state',
            label: texts.common.status,
            cell: ({ state, failure }) => (
              <span>
                <DismissalTag state={state} />
                {failure && <small className="below problem">{words.failure(failure)}</small>}
              </span>
            ),
          },
          {
            id: 'by',
            label: texts.person.requestedBy,
            cell: ({ requestedBy }) =>
              requestedBy && <Link href={`/people/${requestedBy.id}`}>{requestedBy.name}</Link>,
          },
          {
            id: 'handover',
            label: texts.person.handover,
            cell: ({ handover }) =>
              handover && <Link href={`/handovers/${handover.id}`}>{texts.enums.handoverState[handover.state]}</Link>,
          },
        ]}
        actions={(row) => <RowAction row={row} mayHire={may('HIRE_USERS')} onCallOff={setCalledOff} />}
      />
      <CallOff
        of={calledOff}
        onClose={() => setCalledOff(null)}
        onDone={() => {
          list.reload();
          counts.reload();
        }}
      />
    </Page>
  );
}

interface RowActionProps {
  row: DismissalRow;
  mayHire: boolean;
  onCallOff(person: { id: string; name: string }): void;
}

function RowAction({ row: { state, user }, mayHire, onCallOff }: RowActionProps) {
  const texts = useTexts();
  const whose = <span className="hidden"> – {user.name}</span>;
  if (state === 'SCHEDULED') {
    return (
      <Button onPress={() => onCallOff(user)}>
        {texts.person.callOff}
        {whose}
      </Button>
    );
  }
  if (state !== 'IN_FORCE' || !mayHire) return null;
  return (
    <LinkButton href={`/people/${user.id}/hire`}>
      {texts.person.hire}
      {whose}
    </LinkButton>
  );
}
