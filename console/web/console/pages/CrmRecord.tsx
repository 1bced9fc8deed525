import { useState } from 'react';
import { Link } from 'wouter';
import { Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Facts, Page, Panel } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { Tag } from '../kit/Tag';
import { useData, useList } from '../lib/useData';
import { text, useUrlState } from '../lib/useUrlState';
import { useSay, useTexts } from '../texts';
import { useViewer } from '../viewer';
import { EditActivity, NewActivity } from './crm/ActivityDialogs';
import { ActivityTable } from './crm/ActivityTable';
import { EditRecord } from './crm/EditRecord';
import { ActivitiesDocument } from './crm/activityDocuments';
import { type CrmRecord as Item, RecordDocument } from './crm/documents';
import { Holder } from './work/Holder';

export default function CrmRecord({ id = '' }: { id?: string }) {
  const texts = useTexts();
  const { data, error, loading, reload } = useData(RecordDocument, { id });
  const record = data?.node?.__typename === 'CrmItem' ? data.node : undefined;
  const [editing, setEditing] = useState(false);
  return (
    <Page
      title={record?.title ?? texts.crm.record}
      above={{ href: '/work/crm', label: texts.crm.title }}
      actions={
        record && (
          <Button look="primary" onPress={() => setEditing(true)}>
            {texts.crm.edit}
          </Button>
        )
      }
    >
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton />}
      {data && !record && <EmptyState>{texts.crm.notThere}</EmptyState>}
      {record && (
        <>
          <About record={record} />
          <ActivitiesOf id={record.id} />
          <EditRecord record={record} isOpen={editing} onClose={() => setEditing(false)} />
        </>
      )}
    </Page>
  );
}

function About({ record }: { record: Item }) {
  const texts = useTexts();
  const words = texts.crm;
  const say = useSay();
  const { may } = useViewer();
  return (
    <Panel>
      <Facts
        of={[
          [words.kind, texts.enums.crmKind[record.kind]],
          [words.state, <Tag key="state">{record.closed ? words.closed : words.open}</Tag>],
          [words.stage, record.stage ?? words.none],
          [words.amount, record.amount === null ? words.none : say.money(record.amount, record.currency)],
          [words.responsible, <Holder key="responsible" of={record.responsible} />],
          [words.openedToAll, record.openedToAll ? words.yes : words.no],
          [words.created, say.dateTime(record.createdAt)],
          [words.updated, say.dateTime(record.updatedAt)],
          ...(record.externalId ? [[words.imported, record.externalId] as const] : []),
        ]}
      />
      {may('READ_AUDIT_LOG') && (
        <p>
          <Link href={`/audit?about=${record.id}`}>{words.history}</Link>
        </p>
      )}
    </Panel>
  );
}

/** The activity that is open. */
const OPEN = { activity: text };

function ActivitiesOf({ id }: { id: string }) {
  const words = useTexts().crm.activity;
  const list = useList(ActivitiesDocument, { filter: { itemId: id } }, ({ crmActivities }) => crmActivities);
  const open = useUrlState(OPEN);
  const [adding, setAdding] = useState(false);
  return (
    <Panel title={words.list} actions={<Button onPress={() => setAdding(true)}>{words.new}</Button>}>
      <ActivityTable list={list} empty={words.none} ofOne onOpen={(activity) => open.set({ activity })} />
      <NewActivity itemId={id} isOpen={adding} onClose={() => setAdding(false)} />
      <EditActivity id={open.values.activity} onClose={() => open.set({ activity: '' })} />
    </Panel>
  );
}
