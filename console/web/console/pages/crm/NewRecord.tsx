import { useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { RECORD_FIELDS, type RecordDraft, RecordForm, problemsOf } from './RecordForm';
import { CreateRecord } from './documents';

export function NewRecord({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  return (
    <Dialog title={useTexts().crm.new} isOpen={isOpen} onClose={onClose}>
      {/* Within the dialog, so that each opening begins anew. */}
      <Creating onClose={onClose} />
    </Dialog>
  );
}

function Creating({ onClose }: { onClose(): void }) {
  const texts = useTexts();
  const [, go] = useLocation();
  const { user } = useViewer();
  const action = useAction(CreateRecord, RECORD_FIELDS);
  const [tried, setTried] = useState(false);
  const [draft, setDraft] = useState<RecordDraft>({
    kind: 'DEAL',
    title: '',
    stage: '',
    amount: '',
    currency: '',
    responsible: { id: user.id, name: user.name },
    closed: false,
    openedToAll: false,
  });
  const found = problemsOf(draft, texts);
  const create = async () => {
    setTried(true);
    if (Object.keys(found).length > 0) return;
    const title = draft.title.trim();
    const { kind, stage, amount, currency, responsible, openedToAll } = draft;
    const done = await action.run({
      input: {
        kind,
        title,
        stage: stage.trim() || null,
        amount: amount.trim() || null,
        currency: currency.trim() || null,
        responsibleId: responsible?.id ?? null,
        openedToAll,
      },
    });
    if (!done) return;
    tell(texts.crm.createdRecord(title));
    onClose();
    if (done.item) go(`/work/crm/${done.item.id}`);
  };
  return (
    <RecordForm
      isNew
      draft={draft}
      onChange={(part) => setDraft({ ...draft, ...part })}
      onSubmit={() => void create()}
      problems={action.problems}
      refusals={action.refusals}
      problemOf={(field) => (tried && found[field]) || action.problemOf(field)}
    >
      <footer className="actions">
        <Button onPress={onClose}>{texts.common.cancel}</Button>
        <Button look="primary" submit pending={action.pending}>
          {texts.common.create}
        </Button>
      </footer>
    </RecordForm>
  );
}
