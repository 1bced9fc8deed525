// The page: a line to sign in with, and GraphiQL below it.

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createClient } from 'graphql-ws';
import { useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { examples } from './examples.mjs';
import './page.css';
import { name, onChange, signIn, signOut, token } from './session.mjs';

globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(WORKERS[label] ?? WORKERS.editor, { name: label }),
};

const authorization = () => (token() ? { Authorization: `Bearer ${token()}` } : {});
const address = new URL('/graphql', location.href);
const socket = new URL(address);
socket.protocol = socket.protocol.replace('http', 'ws');

const wsClient = createClient({ url: socket.href, connectionParams: authorization, lazyCloseTimeout: 5_000 });
onChange(() => wsClient.terminate());
const fetcher = createGraphiQLFetcher({
  url: address.href,
  wsClient,
  fetch: (url, options) => fetch(url, { ...options, headers: { ...options.headers, ...authorization() } }),
});

const tabs = examples.map(({ query, variables }) => ({
  query,
  variables: variables && JSON.stringify(variables, null, 2),
}));

function SignIn() {
  const who = useSyncExternalStore(onChange, name);
  const [message, setMessage] = useState('');
  if (who) {
    return (
      <div className="who">
        <span role="status">{who}</span>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </div>
    );
  }
  const submit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { email, password } = Object.fromEntries(new FormData(form));
    try {
      await signIn(email, password);
      setMessage('');
    } catch (error) {
      setMessage(error.message);
    }
  };
  return (
    <form className="who" onSubmit={submit}>
      <span className="wrong" role="alert">
        {message}
      </span>
      <input aria-label="E-mail" autoComplete="username" name="email" placeholder="E-mail" required type="email" />
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
  // Anew for whoever has signed in, and the schema with it: it is not for everybody, and `null` does not ask for it.
  const who = useSyncExternalStore(onChange, name);
  const schema = who ? undefined : null;
  return (
    <>
      <header>
        <h1>Handover</h1>
        <SignIn />
      </header>
      <main>
        <GraphiQL
          key={who ?? ''}
          defaultTabs={tabs}
          fetcher={fetcher}
          schema={schema}
          shouldPersistHeaders={false}
        />
      </main>
    </>
  );
}

createRoot(document.getElementById('page')).render(<Page />);
