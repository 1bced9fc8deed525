import { startTransition, useOptimistic, useRef } from 'react';
import { Link } from 'wouter';
import { Avatar } from '../kit/Avatar';
import { Button } from '../kit/Button';
import { Radios } from '../kit/Choices';
import { useStore } from '../lib/listeners';
import { THEMES, chooseTheme, theme } from '../lib/theme';
import { signOut } from '../session';
import { LANGUAGES, type Language, chooseLanguage, useLanguage, useTexts } from '../texts';
import { useViewer } from '../viewer';

const PANEL = 'user-panel';

/** Account, appearance and language. No menu, because a menu can't hold choices; the browser opens and closes it. */
export function UserMenu() {
  const { shell, account } = useTexts();
  const { user } = useViewer();
  const shown = useStore(theme);
  // Shows the choice while its texts are loading.
  const [language, showLanguage] = useOptimistic(useLanguage());
  const panel = useRef<HTMLDivElement>(null);
  const choose = (next: Language) =>
    startTransition(async () => {
      showLanguage(next);
      await chooseLanguage(next);
    });
  const close = () => panel.current?.hidePopover();
  return (
    <div className="user">
      <button type="button" className="button quiet" popoverTarget={PANEL}>
        <Avatar name={user.name} />
        <span className="user-name">{user.name}</span>
        <span className="hidden"> – {shell.account}</span>
      </button>
      <div ref={panel} id={PANEL} className="user-panel" popover="auto" role="group" aria-label={shell.account}>
        <Link href="/me" onClick={close}>
          {account.title}
        </Link>
        <Link href="/me/security" onClick={close}>
          {account.security}
        </Link>
        <Radios
          label={shell.theme}
          segments
          value={shown}
          onChange={chooseTheme}
          options={THEMES.map((name) => ({ value: name, label: shell.themes[name] }))}
        />
        <Radios
          label={shell.language}
          segments
          value={language}
          onChange={choose}
          options={(Object.keys(LANGUAGES) as Language[]).map((name) => ({ value: name, label: LANGUAGES[name] }))}
        />
        <Button wide onPress={() => void signOut()}>
          {shell.signOut}
        </Button>
      </div>
    </div>
  );
}
