import type { FormEvent, ReactNode } from 'react';
import type { Enum } from '../../graphql';
import { Problems } from '../../kit/Alert';
import { Select } from '../../kit/Choices';
import { Field } from '../../kit/Field';
import type { Picked } from '../../kit/PersonPicker';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { useTexts } from '../../texts';
import { Deadline } from '../work/Deadline';
import { PeopleField } from '../work/PeopleField';
import { MemberFields } from './MemberFields';

export interface TaskDraft {
  title: string;
  /** Null for a new one: it has not begun. */
  status: Enum<'TaskStatus'> | null;
  responsible: Picked | null;
  participants: Picked[];
  observers: Picked[];
  deadline: string | null;
}

const STATUSES = ['PENDING', 'IN_PROGRESS', 'AWAITING_CONTROL', 'DEFERRED', 'COMPLETED', 'DECLINED'] as const;

/** The fields that show their own problems. */
export const TASK_FIELDS = ['title', 'status', 'responsibleId', 'participantIds', 'observerIds', 'deadline'];

interface TaskFormProps {
  draft: TaskDraft;
  onChange(part: Partial<TaskDraft>): void;
  onSubmit(): void;
  problems: string[];
  refusals: readonly unknown[];
  problemOf(field: string): string | undefined;
  children?: ReactNode;
}

export function TaskForm({ draft, onChange, onSubmit, problems, refusals, problemOf, children }: TaskFormProps) {
  const texts = useTexts();
  const words = texts.tasks;
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
        label={words.titleField}
        value={draft.title}
        maxLength={200}
        onChange={(title) => onChange({ title })}
        error={problemOf('title')}
      />
      {draft.status && (
        <Select
          label={texts.common.status}
          value={draft.status}
          onChange={(status) => onChange({ status })}
          options={STATUSES.map((status) => ({ value: status, label: texts.enums.taskStatus[status] }))}
          error={problemOf('status')}
        />
      )}
      <PeopleField
        label={words.responsible}
        title={words.chooseResponsible}
        picked={draft.responsible ? [draft.responsible] : []}
        onPick={([person]) => onChange({ responsible: person ?? null })}
        error={problemOf('responsibleId')}
      />
      <MemberFields draft={draft} onChange={onChange} problemOf={problemOf} />
      <Deadline value={draft.deadline} onChange={(deadline) => onChange({ deadline })} error={problemOf('deadline')} />
      {children}
    </form>
  );
}
