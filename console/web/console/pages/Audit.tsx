import { Select } from '../kit/Choices';
import { ExportButton } from '../kit/ExportButton';
import { Field } from '../kit/Field';
import { FilterBar } from '../kit/FilterBar';
import { Page } from '../kit/Page';
import { PersonFilter } from '../kit/PersonFilter';
import { useData, useList } from '../lib/useData';
import { useUrlState } from '../lib/useUrlState';
import { useLanguage, useTexts } from '../texts';
import { Log } from './audit/Log';
import { phraseOf } from './audit/Sentence';
import { ActionsDocument, LogDocument } from './audit/documents';
import { LOG, logFilter } from './audit/filter';

export default function Audit() {
  const texts = useTexts();
  const words = texts.audit;
  const language = useLanguage();
  const { values, set, clear, changed } = useUrlState(LOG);
  const filter = logFilter(values);
  const list = useList(LogDocument, { filter }, ({ auditLog }) => auditLog);
  const { data } = useData(ActionsDocument, {});
  const known: Record<string, string> = words.actions;
  const actions = (data?.auditActions ?? []).map(({ name, description }) => ({
    value: name,
    // The server describes its actions in English; where there are words of our own, they are used.
    label: language === 'en' ? description : known[name] ? phraseOf(name, texts).replace('{}', '…') : description,
  }));
  actions.sort((one, other) => one.label.localeCompare(other.label, language));
  return (
    <Page title={words.title} actions={<ExportButton list="audit" filter={filter} />}>
      <FilterBar changed={changed} onClear={clear}>
        <PersonFilter label={words.who} none={words.anybody} value={values.who} onChange={(who) => set({ who })} />
        <PersonFilter
          label={words.about}
          none={words.anything}
          value={values.about}
          onChange={(about) => set({ about })}
        />
        <Select
          label={words.action}
          value={values.action}
          onChange={(action) => set({ action })}
          options={[
            { value: '', label: words.anyAction },
            // The one in the address, while the others are loaded.
            ...(data || !values.action ? [] : [{ value: values.action, label: values.action }]),
            ...actions,
          ]}
        />
        <Field label={words.since} type="date" value={values.since} onChange={(since) => set({ since })} />
        <Field label={words.until} type="date" value={values.until} onChange={(until) => set({ until })} />
      </FilterBar>
      <Log list={list} empty={changed ? words.nothing : words.nothingYet} />
    </Page>
  );
}
