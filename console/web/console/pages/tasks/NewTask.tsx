import { useState } from 'react';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { TASK_FIELDS, type TaskDraft, TaskForm } from './TaskForm';
import { CreateTask } from './documents';

export function NewTask({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  const words = useTexts().tasks;
  return (
    <Dialog title={words.newTask} isOpen={isOpen} onClose={onClose}>
      {/* Within the dialog, so that each opening begins anew. */}
      <Creating onClose={onClose} />
    </Dialog>
  );
}

function Creating({ onClose }: { onClose(): void }) {
  const texts = useTexts();
  const { user } = useViewer();
  const action = useAction(CreateTask, TASK_FIELDS);
  const [missing, setMissing] = useState(false);
  const [draft, setDraft] = useState<TaskDraft>({
    title: '',
    status: null,
    responsible: { id: user.id, name: user.name },
    participants: [],
    observers: [],
    deadline: null,
  });
  const create = async () => {
    const title = draft.title.trim();
    setMissing(!title);
    if (!title || !draft.responsible) return;
    const done = await action.run({
      input: {
        title,
        responsibleId: draft.responsible.id,
        participantIds: draft.participants.map(({ id }) => id),
        observerIds: draft.observers.map(({ id }) => id),
        deadline: draft.deadline,
      },
    });
    if (!done) return;
    tell(texts.tasks.createdTask(title));
    onClose();
  };
  return (
    <TaskForm
      draft={draft}
      onChange={(part) => setDraft({ ...draft, ...part })}
      onSubmit={() => void create()}
      problems={action.problems}
      refusals={action.refusals}
      problemOf={(field) => (field === 'title' && missing ? texts.common.required : action.problemOf(field))}
    >
      <footer className="actions">
        <Button onPress={onClose}>{texts.common.cancel}</Button>
        <Button look="primary" submit pending={action.pending}>
          {texts.common.create}
        </Button>
      </footer>
    </TaskForm>
  );
}
