import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import { Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Checkbox, Select } from '../../kit/Choices';
import { Dialog } from '../../kit/Dialog';
import { Field } from '../../kit/Field';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useFocusProblem } from '../../lib/useFocusProblem';
import { useData } from '../../lib/useData';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { Deadline } from '../work/Deadline';
import { PeopleField } from '../work/PeopleField';
import { type Activity, ActivityDocument, CreateActivity, UpdateActivity } from './activityDocuments';

const KINDS = ['CALL', 'MEETING', 'EMAIL', 'TODO'] as const;
const FIELDS = ['subject', 'responsibleId', 'deadline', 'kind'];

export function NewActivity({ itemId, isOpen, onClose }: { itemId: string; isOpen: boolean; onClose(): void }) {
  return (
    <Dialog title={useTexts().crm.activity.new} isOpen={isOpen} onClose={onClose}>
      {/* Within the dialog, so that each opening begins anew. */}
      <Creating itemId={itemId} onClose={onClose} />
    </Dialog>
  );
}

function Creating({ itemId, onClose }: { itemId: string; onClose(): void }) {
  const texts = useTexts();
  const { user } = useViewer();
  const action = useAction(CreateActivity, FIELDS);
  const form = useFocusProblem(action.refusals);
  const [kind, setKind] = useState<Activity['kind']>('CALL');
  const [subject, setSubject] = useState('');
  const [responsible, setResponsible] = useState({ id: user.id, name: user.name });
  const [deadline, setDeadline] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    setMissing(!subject.trim());
    if (!subject.trim()) {
      form.current?.querySelector('input')?.focus();
      return;
    }
    const input = { itemId, kind, subject: subject.trim(), responsibleId: responsible.id, deadline };
    if (!(await action.run({ input }))) return;
    tell(texts.crm.activity.added);
    onClose();
  };
  return (
    <form ref={form} onSubmit={(event) => void create(event)} noValidate>
      <Problems of={action.problems} />
      <Select
        label={texts.crm.kind}
        value={kind}
        onChange={(next) => setKind(next)}
        options={KINDS.map((value) => ({ value, label: texts.enums.crmActivityKind[value] }))}
        error={action.problemOf('kind')}
      />
      <Field
        label={texts.crm.activity.subject}
        value={subject}
        maxLength={200}
        onChange={setSubject}
        error={missing ? texts.common.required : action.problemOf('subject')}
      />
      <PeopleField
        label={texts.crm.responsible}
        title={texts.crm.chooseResponsible}
        picked={[responsible]}
        onPick={([person]) => person && setResponsible(person)}
        error={action.problemOf('responsibleId')}
      />
      <Deadline value={deadline} onChange={setDeadline} error={action.problemOf('deadline')} />
      <footer className="actions">
        <Button onPress={onClose}>{texts.common.cancel}</Button>
        <Button look="primary" submit pending={action.pending}>
          {texts.common.create}
        </Button>
      </footer>
    </form>
  );
}

/** An activity beside the list, by its id in the address. */
export function EditActivity({ id, onClose }: { id: string; onClose(): void }) {
  return (
    <Dialog title={useTexts().crm.activity.edit} isOpen={id !== ''} onClose={onClose}>
      {id && <Loaded key={id} id={id} onClose={onClose} />}
    </Dialog>
  );
}

function Loaded({ id, onClose }: { id: string; onClose(): void }) {
  const texts = useTexts();
  const { data, error, reload } = useData(ActivityDocument, { id });
  const activity = data?.node?.__typename === 'CrmActivity' ? data.node : undefined;
  if (activity) return <Editing activity={activity} onClose={onClose} />;
  if (error) return <Failure error={error} onRetry={reload} />;
  return data ? <EmptyState>{texts.tasks.notThere}</EmptyState> : <Skeleton lines={6} />;
}

function Editing({ activity, onClose }: { activity: Activity; onClose(): void }) {
  const texts = useTexts();
  const words = texts.crm.activity;
  const { may } = useViewer();
  const action = useAction(UpdateActivity, FIELDS);
  const form = useFocusProblem(action.refusals);
  const [before] = useState(activity);
  const [draft, setDraft] = useState(activity);
  const change = (part: Partial<Activity>) => setDraft({ ...draft, ...part });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!draft.subject.trim()) return;
    // Only what was changed is sent: what somebody else has changed meanwhile stays.
    const changes = {
      ...(draft.subject !== before.subject ? { subject: draft.subject.trim() } : {}),
      ...(draft.completed !== before.completed ? { completed: draft.completed } : {}),
      ...(draft.responsible.id !== before.responsible.id ? { responsibleId: draft.responsible.id } : {}),
      ...(draft.deadline !== before.deadline ? { deadline: draft.deadline } : {}),
    };
    if (Object.keys(changes).length === 0) return onClose();
    if (!(await action.run({ input: { activityId: activity.id, ...changes } }))) return;
    tell(texts.common.saved);
    onClose();
  };
  return (
    <form ref={form} onSubmit={(event) => void save(event)} noValidate>
      <Problems of={action.problems} />
      <p>
        {texts.enums.crmActivityKind[activity.kind]} – {words.about}{' '}
        {activity.item ? <Link href={`/work/crm/${activity.item.id}`}>{activity.item.title}</Link> : words.hiddenRecord}
      </p>
      <Field
        label={words.subject}
        value={draft.subject}
        maxLength={200}
        onChange={(subject) => change({ subject })}
        error={draft.subject.trim() ? action.problemOf('subject') : texts.common.required}
      />
      <PeopleField
        label={texts.crm.responsible}
        title={texts.crm.chooseResponsible}
        picked={[draft.responsible]}
        onPick={([person]) => person && change({ responsible: { ...person, status: 'ACTIVE' } })}
        error={action.problemOf('responsibleId')}
      />
      <Deadline
        value={draft.deadline}
        onChange={(deadline) => change({ deadline })}
        error={action.problemOf('deadline')}
      />
      <Checkbox label={words.completed} checked={draft.completed} onChange={(completed) => change({ completed })} />
      {may('READ_AUDIT_LOG') && <Link href={`/audit?about=${activity.id}`}>{texts.crm.history}</Link>}
      <footer className="actions">
        <Button onPress={onClose}>{texts.common.cancel}</Button>
        <Button look="primary" submit pending={action.pending}>
          {texts.common.save}
        </Button>
      </footer>
    </form>
  );
}
