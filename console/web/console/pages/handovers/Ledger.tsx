import { Link } from 'wouter';
import type { Enum, WorkKind } from '../../graphql';
import type { Tone } from '../../kit/Alert';
import { Select } from '../../kit/Choices';
import { DataTable } from '../../kit/DataTable';
import { ExportButton } from '../../kit/ExportButton';
import { FilterBar } from '../../kit/FilterBar';
import { Panel } from '../../kit/Page';
import { SubjectLink } from '../../kit/Subject';
import { Tag } from '../../kit/Tag';
import { useList } from '../../lib/useData';
import { oneOf, text, useUrlState } from '../../lib/useUrlState';
import { useSay, useTexts } from '../../texts';
import { LedgerDocument, entriesOf } from './ledgerDocument';

const OUTCOMES = ['MOVED', 'SKIPPED', 'FAILED'] as const;
const LEDGER = { outcome: oneOf('any', ...OUTCOMES), kind: text };
const TONES: Record<Enum<'HandoverOutcome'>, Tone> = { MOVED: 'good', SKIPPED: 'neutral', FAILED: 'bad' };

interface LedgerProps {
  id: string;
  /** Kinds that it is about. */
  kinds: readonly WorkKind[];
}

/** What became of each item, and why. */
export function Ledger({ id, kinds }: LedgerProps) {
  const texts = useTexts();
  const words = texts.handovers;
  const say = useSay();
  const { values, set, clear, changed } = useUrlState(LEDGER);
  const filter = {
    outcome: values.outcome === 'any' ? null : values.outcome,
    kind: kinds.find((kind) => kind === values.kind) ?? null,
  };
  const list = useList(LedgerDocument, { id, ...filter }, entriesOf);
  const reasons: Record<string, string> = texts.enums.ledgerReason;
  return (
    <Panel title={words.ledger} actions={<ExportButton list={id} filter={filter} />}>
      <FilterBar changed={changed} onClear={clear}>
        <Select
          label={words.outcome}
          hideLabel
          value={values.outcome}
          onChange={(outcome) => set({ outcome })}
          options={[
            { value: 'any', label: words.allOutcomes },
            ...OUTCOMES.map((outcome) => ({ value: outcome, label: texts.enums.handoverOutcome[outcome] })),
          ]}
        />
        <Select
          label={words.kind}
          hideLabel
          value={values.kind}
          onChange={(kind) => set({ kind })}
          options={[
            { value: '', label: words.allKinds },
            ...kinds.map((kind) => ({ value: kind as string, label: texts.enums.workKind[kind] })),
          ]}
        />
      </FilterBar>
      <DataTable
        label={words.ledger}
        list={list}
        count={words.ledgerCount}
        keyOf={(entry) => entry.id}
        empty={changed ? words.noItems : words.noItemsYet}
        head={{
          label: words.item,
          cell: ({ subject, kind }) => (
            <>
              {subject ? <SubjectLink of={subject} /> : words.unseen}
              <small>{texts.enums.workKind[kind]}</small>
            </>
          ),
        }}
        columns={[
          {
            id: 'outcome',
            label: words.outcome,
            cell: ({ outcome, reason }) => (
              <span className="outcome">
                <Tag tone={TONES[outcome]}>{texts.enums.handoverOutcome[outcome]}</Tag>
                {reason && <small>{reasons[reason] ?? reason}</small>}
              </span>
            ),
          },
          { id: 'from', label: words.holder, cell: ({ from }) => from && <Link href={`/people/${from.id}`}>{from.name}</Link> },
          { id: 'to', label: words.recipient, cell: ({ to }) => to && <Link href={`/people/${to.id}`}>{to.name}</Link> },
          { id: 'at', label: words.at, cell: ({ at }) => <time dateTime={at}>{say.dateTime(at)}</time> },
        ]}
      />
    </Panel>
  );
}
