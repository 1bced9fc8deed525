import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { Alert, Problems } from '../../kit/Alert';
import { Button, LinkButton } from '../../kit/Button';
import { Page, takeFocus } from '../../kit/Page';
import { type UserError } from '../../lib/errors';
import type { Action } from '../../lib/useAction';
import { useFocusProblem } from '../../lib/useFocusProblem';
import { signIn } from '../../session';
import { useTexts } from '../../texts';
import { NewPasswordField } from './NewPasswordField';
import { tokenOfAddress } from './link';

interface Payload {
  accessToken: string | null;
  user: { email: string } | null;
  userErrors: UserError[];
}

interface SetPasswordProps {
  title: string;
  text: ReactNode;
  /** The button. */
  submit: string;
  action: Pick<Action<unknown, never>, 'pending' | 'problems' | 'problemOf' | 'refusals'>;
  run(input: { token: string; password: string }): Promise<Payload | undefined>;
}

/** The mutations open a session whose tokens are for programs; that of this page has its token in a cookie instead. */
async function endOther(accessToken: string): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` };
  const body = JSON.stringify({ query: 'mutation { signOut { userErrors { code } } }' });
  await fetch('/graphql', { method: 'POST', headers, body, credentials: 'omit' }).catch(() => undefined);
}

/** Sets a password by a link, and signs in with it. */
export function SetPassword({ title, text, submit, action, run }: SetPasswordProps) {
  const texts = useTexts();
  const words = texts.account;
  const [, go] = useLocation();
  const [token] = useState(tokenOfAddress);
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const form = useFocusProblem(action.refusals);
  const used = action.refusals.some(({ code }) => code === 'TOKEN_INVALID');

  const set = async (event: FormEvent) => {
    event.preventDefault();
    const payload = await run({ token, password });
    if (!payload?.user) return;
    // The link is used: nothing of it stays in the address.
    history.replaceState(null, '', location.pathname);
    if (payload.accessToken) void endOther(payload.accessToken);
    takeFocus();
    if (await signIn(payload.user.email, password, false)) setDone(true);
    else go('/', { replace: true });
  };
  const toSignIn = <LinkButton href="/">{words.toSignIn}</LinkButton>;
  if (done) {
    return (
      <Page title={title}>
        <Alert tone="good" urgent action={toSignIn}>
          {words.passwordSet}
        </Alert>
      </Page>
    );
  }
  if (!token || used) {
    return (
      <Page key="unusable" title={title}>
        <Alert tone="bad" title={used ? texts.errors.refusals.TOKEN_INVALID! : words.noToken} action={toSignIn}>
          {words.askForLink}
        </Alert>
      </Page>
    );
  }
  return (
    <Page title={title}>
      <p>{text}</p>
      <form ref={form} onSubmit={(event) => void set(event)}>
        <NewPasswordField
          label={words.password}
          name="password"
          value={password}
          onChange={setPassword}
          error={action.problemOf('password')}
        />
        <Problems of={action.problems} />
        <Button submit look="primary" wide pending={action.pending}>
          {submit}
        </Button>
      </form>
    </Page>
  );
}
