import { useState } from 'react';
import { Link } from 'wouter';
import { Failure } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { Facts } from '../../kit/Page';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { useSay, useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { Holder } from '../work/Holder';
import { TASK_FIELDS, type TaskDraft, TaskForm } from './TaskForm';
import { peopleChange } from './changes';
import { type Task, TaskDocument, UpdateTask } from './documents';

/** A task beside the list, to be read and changed. */
export function TaskSheet({ id, onClose }: { id: string; onClose(): void }) {
  const words = useTexts().tasks;
  return (
    <Dialog title={words.task} isOpen={id !== ''} onClose={onClose} sheet>
      {id && <Loaded key={id} id={id} onClose={onClose} />}
    </Dialog>
  );
}

function Loaded({ id, onClose }: { id: string; onClose(): void }) {
  const words = useTexts().tasks;
  const { data, error, reload } = useData(TaskDocument, { id });
  const task = data?.node?.__typename === 'Task' ? data.node : undefined;
  if (task) return <Editing task={task} onClose={onClose} />;
  if (error) return <Failure error={error} onRetry={reload} />;
  return data ? <EmptyState>{words.notThere}</EmptyState> : <Skeleton lines={8} />;
}

const draftOf = ({ title, status, responsible, participants, observers, deadline }: Task): TaskDraft => ({
  title,
  status,
  responsible,
  participants: [...participants],
  observers: [...observers],
  deadline,
});

/** Only what was changed is sent: what somebody else has changed meanwhile stays. */
function changesOf(before: TaskDraft, now: TaskDraft) {
  return {
    ...(now.title !== before.title ? { title: now.title.trim() } : {}),
    ...(now.status && now.status !== before.status ? { status: now.status } : {}),
    ...(now.responsible && now.responsible.id !== before.responsible?.id ? { responsibleId: now.responsible.id } : {}),
    ...peopleChange('participantIds', before.participants, now.participants),
    ...peopleChange('observerIds', before.observers, now.observers),
    ...(now.deadline !== before.deadline ? { deadline: now.deadline } : {}),
  };
}

function Editing({ task, onClose }: { task: Task; onClose(): void }) {
  const texts = useTexts();
  const words = texts.tasks;
  const say = useSay();
  const { may } = useViewer();
  const action = useAction(UpdateTask, TASK_FIELDS);
  const [before] = useState(() => draftOf(task));
  const [draft, setDraft] = useState(before);
  const changes = changesOf(before, draft);
  const save = async () => {
    if (!draft.title.trim()) return;
    if (Object.keys(changes).length === 0) return onClose();
    if (!(await action.run({ input: { taskId: task.id, ...changes } }))) return;
    tell(texts.common.saved);
    onClose();
  };
  return (
    <>
      <TaskForm
        draft={draft}
        onChange={(part) => setDraft({ ...draft, ...part })}
        onSubmit={() => void save()}
        problems={action.problems}
        refusals={action.refusals}
        problemOf={(field) => (field === 'title' && !draft.title.trim() ? texts.common.required : action.problemOf(field))}
      >
        <footer className="actions">
          <Button onPress={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" submit pending={action.pending}>
            {texts.common.save}
          </Button>
        </footer>
      </TaskForm>
      <Facts
        of={[
          [words.creator, <Holder key="creator" of={task.creator} />],
          [words.created, say.dateTime(task.createdAt)],
          [words.updated, say.dateTime(task.updatedAt)],
          ...(task.externalId ? [[words.imported, task.externalId] as const] : []),
        ]}
      />
      {may('READ_AUDIT_LOG') && <Link href={`/audit?about=${task.id}`}>{words.history}</Link>}
    </>
  );
}
