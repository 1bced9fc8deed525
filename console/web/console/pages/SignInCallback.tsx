import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { makeClient } from '../client';
import { graphql } from '../graphql';
import { type Away, comeBack } from '../lib/away';
import { Alert } from '../kit/Alert';
import { LinkButton } from '../kit/Button';
import { Page, takeFocus } from '../kit/Page';
import { tell } from '../kit/Status';
import { failureText } from '../lib/errors';
import { type Callback, signInWith, useSession } from '../session';
import { useTexts } from '../texts';

const Link = graphql(`
  mutation LinkIdentity($input: CompleteSignInWithInput!) {
    linkIdentity(input: $input) {
      user {
        id
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** Where an identity provider sends people back to. */
export default function SignInCallback() {
  const texts = useTexts();
  const words = texts.signIn;
  const session = useSession();
  const [, go] = useLocation();
  const [problem, setProblem] = useState<string>();
  const [back, setBack] = useState('/');
  const begun = useRef(false);

  /** Returns why not, in words. */
  const complete = async ({ purpose, goal, binding }: Away, params: URLSearchParams): Promise<string | undefined> => {
    const [state, code] = [params.get('state'), params.get('code')];
    const error = params.get('error');
    if (error) return error === 'access_denied' ? words.cancelled : words.refused;
    if (!state || !code) return words.incomplete;
    const callback: Callback = { state, code, iss: params.get('iss'), binding };
    takeFocus();
    if (purpose === 'link') {
      if (session.state !== 'in') return words.incomplete;
      const { data, error } = await makeClient().mutation(Link, { input: callback }).toPromise();
      if (!data) return error ? failureText(error, texts) : texts.errors.unknown;
      if (data.linkIdentity.userErrors.length > 0) return words.linkFailed;
      tell(words.linked);
    } else {
      const refusal = await signInWith(callback);
      switch (refusal?.code) {
        case undefined:
          break;
        case 'OFFLINE':
          return texts.errors.offline;
        case 'RATE_LIMITED':
          return texts.errors.retryIn(refusal?.seconds ?? 1);
        case 'UNAVAILABLE':
          return texts.errors.unavailable;
        case 'INTERNAL':
          return texts.errors.internal;
        default:
          return words.failed;
      }
    }
    go(goal, { replace: true });
    return undefined;
  };
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const params = new URLSearchParams(location.search);
    // It can be used once: nothing of it stays in the address.
    history.replaceState(null, '', location.pathname);
    const away = comeBack();
    if (!away) return setProblem(words.incomplete);
    setBack(away.goal);
    void complete(away, params).then(setProblem);
  }, []);
  return (
    <Page title={words.title}>
      {problem ? (
        <Alert tone="bad" title={words.failedTitle} action={<LinkButton href={back}>{words.again}</LinkButton>}>
          {problem}
        </Alert>
      ) : (
        <p role="status">{words.completing}</p>
      )}
    </Page>
  );
}
