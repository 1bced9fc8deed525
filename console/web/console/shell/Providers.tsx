import { useEffect, useState } from 'react';
import { makeAnonymousClient } from '../client';
import { type ResultOf, graphql } from '../graphql';
import { Button } from '../kit/Button';
import { goTo, initiateUri } from '../lib/away';
import { useTexts } from '../texts';

const ProvidersDocument = graphql(`
  query SignInProviders {
    identityProviders {
      id
      name
    }
  }
`);

type Provider = ResultOf<typeof ProvidersDocument>['identityProviders'][number];

/** The identity providers to sign in with. `newTab`: this page waits, and goes on when that is done. */
export function Providers({ newTab = false }: { newTab?: boolean }) {
  const words = useTexts().shell.signIn;
  const [providers, setProviders] = useState<readonly Provider[]>([]);
  const [pending, setPending] = useState<string>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    // Hashing needs an encrypted page, and so do redirect URIs.
    if (!isSecureContext) return;
    let here = true;
    void makeAnonymousClient()
      .query(ProvidersDocument, {})
      .toPromise()
      .then(({ data }) => here && data && setProviders(data.identityProviders));
    return () => {
      here = false;
    };
  }, []);
  if (providers.length === 0) return null;
  const go = async (id: string) => {
    setPending(id);
    setProblem('');
    const { pathname, search, hash } = location;
    setProblem((await goTo(id, 'signIn', pathname + search + hash)) ?? '');
    setPending(undefined);
  };
  return (
    <div className="providers">
      {providers.map(({ id, name }) =>
        newTab ? (
          <a key={id} className="button plain wide" href={initiateUri(id)} target="_blank" rel="noreferrer">
            {words.withInNewTab(name)}
          </a>
        ) : (
          <Button key={id} wide pending={pending === id} onPress={() => void go(id)}>
            {words.with(name)}
          </Button>
        ),
      )}
      <p className="problem" role="alert">
        {problem}
      </p>
    </div>
  );
}
