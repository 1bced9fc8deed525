import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../texts';
import { Icon } from './Icon';

/** How long somebody stops typing before it is searched, in milliseconds. */
const PAUSE = 200;

interface SearchFieldProps {
  label: string;
  value: string;
  /** Called when somebody has stopped typing. */
  onChange(value: string): void;
  /** Found by the key `/`; at most one on a page. */
  main?: boolean;
  autoFocus?: boolean;
}

export function SearchField({ label, value, onChange, main, autoFocus }: SearchFieldProps) {
  const texts = useTexts();
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    // The value was changed from elsewhere: Back, or "Clear the filters".
    if (value !== sent.current) {
      sent.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed;
      onChange(typed);
    }, PAUSE);
    return () => clearTimeout(timer);
  });
  return (
    <div className="search" role="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={typed}
        autoFocus={autoFocus ?? false}
        data-search={main ? '' : undefined}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !typed) return;
          event.stopPropagation();
          setTyped('');
        }}
      />
      {typed && (
        <button type="button" className="button icon" aria-label={texts.common.clearSearch} onClick={() => setTyped('')}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
