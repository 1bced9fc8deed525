import type { FormEvent, ReactNode } from 'react';
import type { Enum } from '../../graphql';
import { Problems } from '../../kit/Alert';
import { Checkbox, Select } from '../../kit/Choices';
import { Field } from '../../kit/Field';
import type { Picked } from '../../kit/PersonPicker';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { type Texts, useTexts } from '../../texts';
import { PeopleField } from '../work/PeopleField';
import { KINDS } from './filter';

export interface RecordDraft {
  kind: Enum<'CrmKind'>;
  title: string;
  stage: string;
  amount: string;
  currency: string;
  responsible: Picked | null;
  closed: boolean;
  openedToAll: boolean;
}

/** A decimal as the API has it; with anything else a request is refused as a whole. */
const DECIMAL = /^-?\d+(\.\d+)?$/;

/** Problems that are known before anything is sent, by field. */
export function problemsOf({ title, amount }: RecordDraft, { common, crm }: Texts): Record<string, string> {
  return {
    ...(title.trim() ? {} : { title: common.required }),
    ...(amount.trim() && !DECIMAL.test(amount.trim()) ? { amount: crm.amountHint } : {}),
  };
}

/** The fields that show their own problems. */
export const RECORD_FIELDS = ['kind', 'title', 'stage', 'amount', 'currency', 'responsibleId'];

interface RecordFormProps {
  /** A new record can have any kind, and is open. */
  isNew?: boolean;
  draft: RecordDraft;
  onChange(part: Partial<RecordDraft>): void;
  onSubmit(): void;
  problems: string[];
  refusals: readonly unknown[];
  problemOf(field: string): string | undefined;
  children: ReactNode;
}

export function RecordForm({ isNew, draft, onChange, onSubmit, problems, refusals, problemOf, children }: RecordFormProps) {
  const texts = useTexts();
  const words = texts.crm;
  const form = useFocusProblem(refusals);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
    focusProblem(form.current);
  };
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Problems of={problems} />
      {isNew && (
        <Select
          label={words.kind}
          value={draft.kind}
          onChange={(kind) => onChange({ kind })}
          options={KINDS.map((kind) => ({ value: kind, label: texts.enums.crmKind[kind] }))}
          error={problemOf('kind')}
        />
      )}
      <Field
        label={words.titleField}
        value={draft.title}
        maxLength={200}
        onChange={(title) => onChange({ title })}
        error={problemOf('title')}
      />
      <Field
        label={words.stageField}
        optional
        value={draft.stage}
        maxLength={100}
        onChange={(stage) => onChange({ stage })}
        error={problemOf('stage')}
      />
      <div className="pair">
        <Field
          label={words.amountField}
          optional
          hint={words.amountHint}
          value={draft.amount}
          onChange={(amount) => onChange({ amount })}
          error={problemOf('amount')}
        />
        <Field
          label={words.currency}
          optional
          hint={words.currencyHint}
          value={draft.currency}
          maxLength={3}
          onChange={(currency) => onChange({ currency: currency.toUpperCase() })}
          error={problemOf('currency')}
        />
      </div>
      <PeopleField
        label={words.responsible}
        title={words.chooseResponsible}
        picked={draft.responsible ? [draft.responsible] : []}
        none={!isNew}
        onPick={([person]) => onChange({ responsible: person ?? null })}
        error={problemOf('responsibleId')}
      />
      {!isNew && <Checkbox label={words.closedField} checked={draft.closed} onChange={(closed) => onChange({ closed })} />}
      <Checkbox
        label={words.openedToAll}
        hint={words.openedToAllHint}
        checked={draft.openedToAll}
        onChange={(openedToAll) => onChange({ openedToAll })}
      />
      {children}
    </form>
  );
}
