import { useRef, useState } from 'react';
import { copied } from '../lib/copy';
import { useTexts } from '../texts';
import { Button } from './Button';
import { Labelled } from './Field';

interface CopyFieldProps {
  label: string;
  value: string;
  autoFocus?: boolean;
}

/** Text to be copied elsewhere, with a button that does it. */
export function CopyField({ label, value, autoFocus = false }: CopyFieldProps) {
  const { common } = useTexts();
  const field = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState('');
  const copy = async () => {
    const done = await copied(value);
    if (!done) field.current?.select();
    setOutcome(done ? common.copied : common.copyFailed);
  };
  return (
    <div>
      <Labelled label={label}>
        {(control) => (
          <span className="secret">
            <input
              {...control}
              ref={field}
              readOnly
              value={value}
              spellCheck={false}
              onFocus={(event) => event.target.select()}
            />
            <Button autoFocus={autoFocus} onPress={() => void copy()}>
              {common.copy}
              <span className="hidden"> – {label}</span>
            </Button>
          </span>
        )}
      </Labelled>
      <p role="status" className="note">
        {outcome}
      </p>
    </div>
  );
}
