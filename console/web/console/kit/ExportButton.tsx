import { useState } from 'react';
import { failureText } from '../lib/errors';
import { saveExport } from '../lib/exports';
import { useTexts } from '../texts';
import { Button } from './Button';
import { tell } from './Status';

interface ExportProps {
  /** The name of the export, or the id of a handover. */
  list: string;
  /** The filter of the list, as it is shown. */
  filter?: object;
  label?: string;
  /** What to know about the file. */
  note?: string;
}

/** Saves everything that a list shows as a file for spreadsheets, also what is not loaded. */
export function ExportButton({ list, filter, label, note }: ExportProps) {
  const texts = useTexts();
  const [pending, setPending] = useState(false);
  const run = async () => {
    setPending(true);
    const failure = await saveExport(list, filter);
    setPending(false);
    tell(failure ? texts.common.exportFailed(failureText(failure, texts)) : (note ?? ''));
  };
  return (
    <span className="on-screen">
      <Button pending={pending} onPress={() => void run()}>
        {label ?? texts.common.export}
      </Button>
    </span>
  );
}
