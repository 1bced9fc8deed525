import { useState } from 'react';
import { Link } from 'wouter';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Checkbox } from '../../kit/Choices';
import { DataTable } from '../../kit/DataTable';
import type { Selection } from '../../kit/useSelection';
import { useAction } from '../../lib/useAction';
import type { List } from '../../lib/useData';
import { useTexts } from '../../texts';
import { Due } from '../work/Due';
import { Holder } from '../work/Holder';
import { type Activity, UpdateActivity } from './activityDocuments';

interface ActivityTableProps {
  list: List<Activity>;
  empty: string;
  onOpen(id: string): void;
  /** Of one record: which one is not said. */
  ofOne?: boolean;
  selection?: Selection | undefined;
  groupActions?: React.ReactNode;
}

/** Activities, each with a box that says whether it is done. */
export function ActivityTable({ list, empty, onOpen, ofOne, selection, groupActions }: ActivityTableProps) {
  const texts = useTexts();
  const words = texts.crm.activity;
  const action = useAction(UpdateActivity);
  const [changing, setChanging] = useState<string>();
  const complete = async (activityId: string, completed: boolean) => {
    setChanging(activityId);
    await action.run({ input: { activityId, completed } });
    setChanging(undefined);
  };
  return (
    <>
      <Problems of={action.problems} />
      <DataTable
        label={texts.crm.activities}
        list={list}
        count={words.count}
        keyOf={({ id }) => id}
        nameOf={({ subject }) => subject}
        selection={selection}
        groupActions={groupActions}
        empty={empty}
        head={{
          label: words.subject,
          cell: ({ id, subject, kind }) => (
            <>
              <Button look="link" onPress={() => onOpen(id)}>
                {subject}
              </Button>
              <small>{texts.enums.crmActivityKind[kind]}</small>
            </>
          ),
        }}
        columns={[
          ...(ofOne
            ? []
            : [
                {
                  id: 'about',
                  label: words.about,
                  cell: ({ item }: Activity) =>
                    item ? <Link href={`/work/crm/${item.id}`}>{item.title}</Link> : words.hiddenRecord,
                },
              ]),
          { id: 'responsible', label: texts.crm.responsible, cell: ({ responsible }) => <Holder of={responsible} /> },
          { id: 'due', label: words.deadline, cell: ({ deadline, completed }) => <Due at={deadline} open={!completed} /> },
          {
            id: 'done',
            label: words.completed,
            cell: ({ id, subject, completed }) => (
              <Checkbox
                label={words.completedName(subject)}
                hideLabel
                checked={completed}
                disabled={changing === id}
                onChange={(done) => void complete(id, done)}
              />
            ),
          },
        ]}
      />
    </>
  );
}
