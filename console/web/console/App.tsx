import { Suspense, lazy, useEffect, useMemo } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { Provider } from 'urql';
import { Route, Switch } from 'wouter';
import { makeAnonymousClient, makeClient } from './client';
import { Alert } from './kit/Alert';
import { Button } from './kit/Button';
import { Skeleton } from './kit/Placeholder';
import { PUBLIC_ROUTES } from './routes';
import { type Person, startSession, useSession } from './session';
import { Boundary } from './shell/Boundary';
import { Shell } from './shell/Shell';
import { SignIn } from './shell/SignIn';
import { useSay, useTexts } from './texts';

const signInOver = () => import('./shell/SignInOver');
const SignInOver = lazy(signInOver);

export function App() {
  const say = useSay();
  return (
    <I18nProvider locale={say.locale}>
      <Boundary>
        <Switch>
          {PUBLIC_ROUTES.map(({ path, page: Page }) => (
            <Route key={path} path={path}>
              <Public>
                <Page />
              </Public>
            </Route>
          ))}
          <Route>
            <Private />
          </Route>
        </Switch>
      </Boundary>
    </I18nProvider>
  );
}

function Public({ children }: { children: React.ReactNode }) {
  const client = useMemo(makeAnonymousClient, []);
  return (
    <Provider value={client}>
      <div className="lone">
        <Suspense fallback={<Skeleton />}>{children}</Suspense>
      </div>
    </Provider>
  );
}

function Private() {
  const texts = useTexts();
  const session = useSession();
  switch (session.state) {
    case 'in':
    case 'paused':
      return (
        <Owned key={session.user.id} owner={session.user} paused={session.state === 'paused'}>
          <Shell />
        </Owned>
      );
    case 'out':
      return <SignIn why={session.why} elsewhere={session.elsewhere} />;
    case 'unreachable':
      return (
        <main className="lone">
          <h1>{texts.shell.product}</h1>
          <Alert
            tone="bad"
            action={<Button onPress={() => void startSession()}>{texts.common.tryAgain}</Button>}
          >
            {texts.errors.unavailable}
          </Alert>
        </main>
      );
    case 'restoring':
      return (
        <main className="lone">
          <h1>{texts.shell.product}</h1>
          <Skeleton lines={2} />
        </main>
      );
  }
}

/** The page of one person. While their session is over, it is kept as it is, and hidden. */
function Owned({ owner, paused, children }: { owner: Person; paused: boolean; children: React.ReactNode }) {
  const client = useMemo(makeClient, []);
  useEffect(() => {
    // It has to be there when it is needed, also without a connection; until then nobody waits for it.
    const timer = setTimeout(() => void signInOver().catch(() => undefined), 3_000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Provider value={client}>
      <div className={paused ? 'away' : undefined} inert={paused}>
        {children}
      </div>
      <Suspense fallback={null}>{paused && <SignInOver person={owner} />}</Suspense>
    </Provider>
  );
}
