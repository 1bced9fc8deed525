import { useState } from 'react';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useTexts } from '../../texts';
import { RECORD_FIELDS, type RecordDraft, RecordForm, problemsOf } from './RecordForm';
import { type CrmRecord, UpdateRecord } from './documents';

interface EditRecordProps {
  record: CrmRecord;
  isOpen: boolean;
  onClose(): void;
}

export function EditRecord({ record, isOpen, onClose }: EditRecordProps) {
  return (
    <Dialog title={useTexts().crm.editTitle} isOpen={isOpen} onClose={onClose}>
      {/* Within the dialog, so that each opening begins anew. */}
      <Editing record={record} onClose={onClose} />
    </Dialog>
  );
}

const draftOf = ({ stage, amount, currency, ...record }: CrmRecord): RecordDraft => ({
  ...record,
  stage: stage ?? '',
  amount: amount ?? '',
  currency: currency ?? '',
});

/** Only what was changed is sent: what somebody else has changed meanwhile stays. */
function changesOf(before: RecordDraft, now: RecordDraft) {
  const text = (name: 'stage' | 'amount' | 'currency') =>
    now[name].trim() === before[name] ? {} : { [name]: now[name].trim() || null };
  return {
    ...(now.title !== before.title ? { title: now.title.trim() } : {}),
    ...text('stage'),
    ...text('amount'),
    ...text('currency'),
    ...(now.responsible?.id !== before.responsible?.id ? { responsibleId: now.responsible?.id ?? null } : {}),
    ...(now.closed !== before.closed ? { closed: now.closed } : {}),
    ...(now.openedToAll !== before.openedToAll ? { openedToAll: now.openedToAll } : {}),
  };
}

function Editing({ record, onClose }: { record: CrmRecord; onClose(): void }) {
  const texts = useTexts();
  const action = useAction(UpdateRecord, RECORD_FIELDS);
  const [before] = useState(() => draftOf(record));
  const [draft, setDraft] = useState(before);
  const found = problemsOf(draft, texts);
  const save = async () => {
    if (Object.keys(found).length > 0) return;
    const changes = changesOf(before, draft);
    if (Object.keys(changes).length === 0) return onClose();
    if (!(await action.run({ input: { itemId: record.id, ...changes } }))) return;
    tell(texts.common.saved);
    onClose();
  };
  return (
    <RecordForm
      draft={draft}
      onChange={(part) => setDraft({ ...draft, ...part })}
      onSubmit={() => void save()}
      problems={action.problems}
      refusals={action.refusals}
      problemOf={(field) => found[field] ?? action.problemOf(field)}
    >
      <footer className="actions">
        <Button onPress={onClose}>{texts.common.cancel}</Button>
        <Button look="primary" submit pending={action.pending}>
          {texts.common.save}
        </Button>
      </footer>
    </RecordForm>
  );
}
