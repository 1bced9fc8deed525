import { useState } from 'react';
import { Checkbox } from '../kit/Choices';
import { Dialog } from '../kit/Dialog';
import { recall, remember } from '../lib/remember';
import { useTexts } from '../texts';

const COMMAND = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

export default function Help({ onClose }: { onClose(): void }) {
  const words = useTexts().shell.help;
  const [letters, setLetters] = useState(recall('shortcuts') !== 'off');
  const keys = [
    [`${COMMAND} K`, words.palette],
    ['/', words.search],
    ['?', words.help],
    ['↑ ↓ ← →', words.arrows],
    ['Esc', words.escape],
  ] as const;
  return (
    <Dialog title={words.title} isOpen onClose={onClose}>
      <dl className="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <Checkbox
        label={words.letters}
        checked={letters}
        onChange={(on) => {
          setLetters(on);
          remember('shortcuts', on ? null : 'off');
        }}
      />
    </Dialog>
  );
}
