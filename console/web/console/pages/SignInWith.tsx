import { useEffect, useRef, useState } from 'react';
import { goTo } from '../lib/away';
import { Alert } from '../kit/Alert';
import { LinkButton } from '../kit/Button';
import { Page } from '../kit/Page';
import { useTexts } from '../texts';

/** Begins a sign-in with the identity provider of the address: for links, also those of the provider. */
export default function SignInWith() {
  const { signIn: words } = useTexts();
  const [problem, setProblem] = useState<string>();
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const provider = new URLSearchParams(location.search).get('provider');
    const gone = provider && isSecureContext ? goTo(provider, 'signIn', '/') : Promise.resolve(words.incomplete);
    void gone.then(setProblem);
  }, []);
  return (
    <Page title={words.title}>
      {problem ? (
        <Alert tone="bad" title={words.failedTitle} action={<LinkButton href="/">{words.again}</LinkButton>}>
          {problem}
        </Alert>
      ) : (
        <p role="status">{words.leaving}</p>
      )}
    </Page>
  );
}
