import { Suspense, lazy, useEffect, useState } from 'react';
import { recall } from '../lib/remember';

const Palette = lazy(() => import('./Palette'));
const Help = lazy(() => import('./Help'));

const isEntry = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Keys that work on every page. Single letters can be switched off: speech input presses them by chance. */
export function Keys() {
  const [open, setOpen] = useState<'palette' | 'help'>();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOpen('palette');
        return;
      }
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
      const over = document.querySelector('[role=dialog], [role=alertdialog], [role=menu]');
      if (!plain || over || isEntry(event.target) || recall('shortcuts') === 'off') return;
      if (event.key === '/') {
        event.preventDefault();
        const field = document.querySelector<HTMLInputElement>('[data-search]');
        if (field) field.focus();
        else setOpen('palette');
      } else if (event.key === '?') {
        event.preventDefault();
        setOpen('help');
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  const close = () => setOpen(undefined);
  return (
    <Suspense fallback={null}>
      {open === 'palette' && <Palette onClose={close} />}
      {open === 'help' && <Help onClose={close} />}
    </Suspense>
  );
}
