import type { FormEvent, ReactNode } from 'react';
import { Problems } from '../../kit/Alert';
import { DateTimeField } from '../../kit/DateTimeField';
import { Field } from '../../kit/Field';
import type { Picked } from '../../kit/PersonPicker';
import { RecurrenceField } from '../../kit/RecurrenceField';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { useTexts } from '../../texts';
import { PeopleField } from '../work/PeopleField';
import { MemberFields } from './MemberFields';

export interface TemplateDraft {
  title: string;
  recurrence: string;
  startsAt: string | null;
  responsible: Picked;
  participants: Picked[];
  observers: Picked[];
}

/** The fields that show their own problems. */
export const TEMPLATE_FIELDS = ['title', 'recurrence', 'startsAt', 'responsibleId', 'participantIds', 'observerIds'];

interface TemplateFormProps {
  draft: TemplateDraft;
  onChange(part: Partial<TemplateDraft>): void;
  onSubmit(): void;
  problems: string[];
  refusals: readonly unknown[];
  problemOf(field: string): string | undefined;
  children: ReactNode;
}

export function TemplateForm({ draft, onChange, onSubmit, problems, refusals, problemOf, children }: TemplateFormProps) {
  const words = useTexts().tasks;
  const form = useFocusProblem(refusals);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
    focusProblem(form.current);
  };
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Problems of={problems} />
      <Field
        label={words.templates.titleField}
        value={draft.title}
        maxLength={200}
        onChange={(title) => onChange({ title })}
        error={problemOf('title')}
      />
      <RecurrenceField
        value={draft.recurrence}
        onChange={(recurrence) => onChange({ recurrence })}
        error={problemOf('recurrence')}
      />
      <DateTimeField
        label={words.templates.starts}
        hint={words.templates.startsHint}
        value={draft.startsAt}
        onChange={(startsAt) => onChange({ startsAt })}
        error={problemOf('startsAt')}
      />
      <PeopleField
        label={words.responsible}
        title={words.chooseResponsible}
        picked={[draft.responsible]}
        onPick={([person]) => person && onChange({ responsible: person })}
        error={problemOf('responsibleId')}
      />
      <MemberFields draft={draft} onChange={onChange} problemOf={problemOf} />
      {children}
    </form>
  );
}
