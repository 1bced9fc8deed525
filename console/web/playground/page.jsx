// The page: who is signed in, as in the console, and GraphiQL below it.

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createClient } from 'graphql-ws';
import { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { accessToken, signIn, signOut, startSession, useSession } from '../console/session';
import { send } from '../console/transport';
import { examples } from './examples.mjs';
import './page.css';

globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(WORKERS[label] ?? WORKERS.editor, { name: label }),
};

const address = new URL('/graphql', location.href);
const socket = new URL(address);
socket.protocol = socket.protocol.replace('http', 'ws');

/** What GraphiQL sends with: the token of the session, or none while nobody is signed in. */
function connect(signedIn) {
  const connectionParams = async () => (signedIn ? { Authorization: `Bearer ${await accessToken()}` } : {});
  const wsClient = createClient({ url: socket.href, connectionParams, lazyCloseTimeout: 5_000 });
  return { wsClient, fetcher: createGraphiQLFetcher({ url: address.href, wsClient, fetch: signedIn ? send : fetch }) };
}

const tabs = examples.map(({ query, variables }) => ({
  query,
  variables: variables && JSON.stringify(variables, null, 2),
}));

function problem({ code, seconds }) {
  switch (code) {
    case 'OFFLINE':
    case 'UNAVAILABLE':
      return 'The server can’t be reached at the moment.';
    case 'RATE_LIMITED':
      return `Too many attempts. Try again in ${seconds} seconds.`;
    case 'INTERNAL':
      return 'The server has met an error.';
    default:
      return 'The e-mail address or the password is wrong.';
  }
}

function Who({ session }) {
  if (session.state === 'in') {
    return (
      <div className="who">
        <span role="status">{session.user.name}</span>
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
    );
  }
  if (session.state === 'unreachable') {
    return (
      <div className="who">
        <span className="wrong" role="alert">
          The server can’t be reached at the moment.
        </span>
        <button type="button" onClick={() => void startSession()}>
          Try again
        </button>
      </div>
    );
  }
  return session.state === 'restoring' ? null : <SignIn session={session} />;
}

function SignIn({ session }) {
  const ended = session.state === 'paused' || session.why === 'ended';
  const [message, setMessage] = useState(ended ? 'Your session has ended.' : '');
  const submit = async (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.currentTarget));
    const refusal = await signIn(email, password, false);
    setMessage(refusal ? problem(refusal) : '');
  };
  return (
    <form className="who" onSubmit={submit}>
      <span className="wrong" role="alert">
        {message}
      </span>
      <input
        aria-label="E-mail"
        autoComplete="username"
        defaultValue={session.user?.email}
        name="email"
        placeholder="E-mail"
        required
        type="email"
      />
      <input
        aria-label="Password"
        autoComplete="current-password"
        name="password"
        placeholder="Password"
        required
        type="password"
      />
      <button type="submit">Sign in</button>
    </form>
  );
}

function Page() {
  const session = useSession();
  // Anew for whoever has signed in, and the schema with it: it is not for everybody, and `null` does not ask for it.
  const who = session.user?.id;
  const { fetcher, wsClient } = useMemo(() => connect(who !== undefined), [who]);
  useEffect(() => () => void wsClient.dispose(), [wsClient]);
  return (
    <>
      <header>
        <h1>Handover</h1>
        <Who session={session} />
      </header>
      <main>
        <GraphiQL
          key={who ?? ''}
          defaultTabs={tabs}
          fetcher={fetcher}
          schema={who ? undefined : null}
          shouldPersistHeaders={false}
        />
      </main>
    </>
  );
}

// Until the session is restored nothing is shown, not even a form that would be replaced at once.
await startSession();
createRoot(document.getElementById('page')).render(<Page />);
