import { useState } from 'react';
import { Link } from 'wouter';
import { Alert, Failure } from '../../kit/Alert';
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
import { TEMPLATE_FIELDS, type TemplateDraft, TemplateForm } from './TemplateForm';
import { peopleChange } from './changes';
import { type Template, TemplateDocument, UpdateTemplate } from './templateDocuments';

/** A recurring task beside the list, to be read and changed. */
export function TemplateSheet({ id, onClose }: { id: string; onClose(): void }) {
  return (
    <Dialog title={useTexts().tasks.recurring} isOpen={id !== ''} onClose={onClose} sheet>
      {id && <Loaded key={id} id={id} onClose={onClose} />}
    </Dialog>
  );
}

function Loaded({ id, onClose }: { id: string; onClose(): void }) {
  const words = useTexts().tasks;
  const { data, error, reload } = useData(TemplateDocument, { id });
  const template = data?.node?.__typename === 'TaskTemplate' ? data.node : undefined;
  if (template) return <Editing template={template} onClose={onClose} />;
  if (error) return <Failure error={error} onRetry={reload} />;
  return data ? <EmptyState>{words.notThere}</EmptyState> : <Skeleton lines={8} />;
}

/** Only what was changed is sent: what somebody else has changed meanwhile stays. */
const changesOf = (before: TemplateDraft, now: TemplateDraft) => ({
  ...(now.title !== before.title ? { title: now.title.trim() } : {}),
  ...(now.recurrence !== before.recurrence ? { recurrence: now.recurrence.trim() } : {}),
  ...(now.startsAt && now.startsAt !== before.startsAt ? { startsAt: now.startsAt } : {}),
  ...(now.responsible.id !== before.responsible.id ? { responsibleId: now.responsible.id } : {}),
  ...peopleChange('participantIds', before.participants, now.participants),
  ...peopleChange('observerIds', before.observers, now.observers),
});

function Editing({ template, onClose }: { template: Template; onClose(): void }) {
  const texts = useTexts();
  const words = texts.tasks;
  const say = useSay();
  const { may } = useViewer();
  const action = useAction(UpdateTemplate, TEMPLATE_FIELDS);
  const [before] = useState<TemplateDraft>(() => ({
    ...template,
    participants: [...template.participants],
    observers: [...template.observers],
  }));
  const [draft, setDraft] = useState(before);
  const save = async () => {
    if (!draft.title.trim()) return;
    const changes = changesOf(before, draft);
    if (Object.keys(changes).length === 0) return onClose();
    if (!(await action.run({ input: { templateId: template.id, ...changes } }))) return;
    tell(texts.common.saved);
    onClose();
  };
  return (
    <>
      {template.stalled && <Alert tone="warn">{words.templates.stalledText}</Alert>}
      <TemplateForm
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
      </TemplateForm>
      <Facts
        of={[
          [words.creator, <Holder key="creator" of={template.creator} />],
          [words.templates.next, template.nextRunAt ? say.dateTime(template.nextRunAt) : words.templates.ended],
        ]}
      />
      {may('READ_AUDIT_LOG') && <Link href={`/audit?about=${template.id}`}>{words.history}</Link>}
    </>
  );
}
