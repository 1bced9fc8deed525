import { useState } from 'react';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { TEMPLATE_FIELDS, type TemplateDraft, TemplateForm } from './TemplateForm';
import { CreateTemplate } from './templateDocuments';

export function NewTemplate({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  return (
    <Dialog title={useTexts().tasks.templates.new} isOpen={isOpen} onClose={onClose}>
      {/* Within the dialog, so that each opening begins anew. */}
      <Creating onClose={onClose} />
    </Dialog>
  );
}

function Creating({ onClose }: { onClose(): void }) {
  const texts = useTexts();
  const { user } = useViewer();
  const action = useAction(CreateTemplate, TEMPLATE_FIELDS);
  const [missing, setMissing] = useState(false);
  const [draft, setDraft] = useState<TemplateDraft>({
    title: '',
    recurrence: 'FREQ=WEEKLY',
    startsAt: null,
    responsible: { id: user.id, name: user.name },
    participants: [],
    observers: [],
  });
  const create = async () => {
    const title = draft.title.trim();
    setMissing(!title);
    if (!title) return;
    const done = await action.run({
      input: {
        title,
        recurrence: draft.recurrence,
        startsAt: draft.startsAt,
        responsibleId: draft.responsible.id,
        participantIds: draft.participants.map(({ id }) => id),
        observerIds: draft.observers.map(({ id }) => id),
      },
    });
    if (!done) return;
    tell(texts.tasks.templates.created(title));
    onClose();
  };
  return (
    <TemplateForm
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
    </TemplateForm>
  );
}
