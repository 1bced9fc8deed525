import { type FormEvent, useEffect, useState } from 'react';
import { Alert } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Checkbox } from '../kit/Choices';
import { Field } from '../kit/Field';
import { takeFocus } from '../kit/Page';
import { type Refusal, signIn } from '../session';
import { useTexts } from '../texts';
import { Providers } from './Providers';

/** The seconds until another attempt makes sense. */
function useCountdown(seconds: number | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    setLeft(seconds ?? 0);
    if (!seconds) return;
    const timer = setInterval(() => setLeft((left) => Math.max(left - 1, 0)), 1_000);
    return () => clearInterval(timer);
  }, [seconds]);
  return left;
}

export function SignInForm({ email }: { email?: string }) {
  const texts = useTexts();
  const words = texts.shell.signIn;
  const [keep, setKeep] = useState(false);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const wait = useCountdown(refusal?.seconds ?? null);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (pending || wait > 0) return;
    const entered = new FormData(event.currentTarget);
    setPending(true);
    setRefusal(undefined);
    takeFocus();
    setRefusal(await signIn(String(entered.get('email')), String(entered.get('password')), keep));
    setPending(false);
  };
  const problem = () => {
    switch (refusal?.code) {
      case undefined:
        return '';
      case 'SIGN_IN_FAILED':
        return words.passwordOff;
      case 'OFFLINE':
        return texts.errors.offline;
      case 'RATE_LIMITED':
        return wait > 0 ? texts.errors.retryIn(wait) : '';
      case 'UNAVAILABLE':
        return texts.errors.unavailable;
      case 'INTERNAL':
        return texts.errors.internal;
      default:
        return texts.errors.refusals.WRONG_CREDENTIALS;
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Field
        label={words.email}
        name="email"
        type="email"
        autoComplete="username"
        required
        autoFocus={!email}
        {...(email ? { defaultValue: email } : {})}
      />
      <Field
        label={words.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus={!!email}
      />
      {isSecureContext ? (
        <Checkbox label={words.keep} checked={keep} onChange={setKeep} />
      ) : (
        <p className="note">{words.notEncrypted}</p>
      )}
      <p className="problem" role="alert">
        {problem()}
      </p>
      <Button submit look="primary" wide pending={pending} disabled={wait > 0}>
        {words.submit}
      </Button>
    </form>
  );
}

/** The page for those who are not signed in. */
export function SignIn({ why, elsewhere }: { why?: 'ended' | 'signedOut' | undefined; elsewhere?: string | undefined }) {
  const { shell } = useTexts();
  useEffect(() => {
    document.title = `${shell.signIn.title} – ${shell.product}`;
  }, [shell]);
  return (
    <main className="lone">
      <h1>{shell.product}</h1>
      {why && (
        <Alert tone="neutral" action={elsewhere && <a href={elsewhere}>{shell.signIn.elsewhere}</a>}>
          {why === 'ended' ? shell.signIn.ended : shell.signIn.signedOut}
        </Alert>
      )}
      <SignInForm />
      <Providers />
    </main>
  );
}
