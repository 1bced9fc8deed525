import { useState } from 'react';
import type { Enum, WorkKind } from '../../graphql';
import { Button } from '../../kit/Button';
import { subjectOf } from '../../kit/Subject';
import { tell } from '../../kit/Status';
import { collect } from '../../lib/collect';
import { csv, saveText } from '../../lib/csv';
import { failureText } from '../../lib/errors';
import { useTexts } from '../../texts';
import { LedgerDocument, entriesOf } from './ledgerDocument';

/** The most entries that are saved at once. */
const MOST = 20_000;

interface SaveLedgerProps {
  id: string;
  kind: WorkKind | null;
  outcome: Enum<'HandoverOutcome'> | null;
}

/** Saves the ledger, as it is filtered, as a file to keep and to send. */
export function SaveLedger({ id, kind, outcome }: SaveLedgerProps) {
  const texts = useTexts();
  const words = texts.handovers;
  const [saving, setSaving] = useState(false);
  const reasons: Record<string, string> = texts.enums.ledgerReason;
  const save = async () => {
    setSaving(true);
    const { rows, error } = await collect(LedgerDocument, { id, kind, outcome }, entriesOf, MOST);
    setSaving(false);
    if (!rows) {
      tell(error === 'tooMany' ? words.csvFailed : failureText(error, texts));
      return;
    }
    const head = [words.item, 'ID', words.kind, words.outcome, words.reason, words.holder, words.recipient, words.at];
    const lines = rows.map(({ subject, kind, outcome, reason, from, to, at }) => [
      (subject && subjectOf(subject).name) ?? '',
      subject?.id ?? '',
      texts.enums.workKind[kind],
      texts.enums.handoverOutcome[outcome],
      reason ? (reasons[reason] ?? reason) : '',
      from?.name ?? '',
      to?.name ?? '',
      at,
    ]);
    saveText(`${words.csvName}-${id}.csv`, csv([head, ...lines]));
  };
  return (
    <span className="on-screen">
      <Button pending={saving} onPress={() => void save()}>
        {words.csv}
      </Button>
    </span>
  );
}
