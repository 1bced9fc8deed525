// Serves a demo company during a test, and signs people in.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const binary =
  process.env.HANDOVER_BINARY ?? fileURLToPath(new URL('../../target/debug/handover', import.meta.url));

/** Serves a fresh demo company. */
export async function serve(env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'handover-clients-'));
  const server = spawn(binary, ['demo', '--dir', folder, '--listen', '127.0.0.1:0', '--rate-limit', '0'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (piece) => (log += piece));
  const said = {};
  for await (const line of createInterface({ input: server.stdout })) {
    const [, name, value] = /^(listening on|\w+)\s+(.*)$/.exec(line) ?? [];
    if (name) said[name] = value;
    if (name === 'listening on') break;
  }
  if (!said['listening on']) throw new Error(`the server did not start: ${log}`);
  const url = `${said['listening on']}/graphql`;
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const people = { administrator: said.administrator, employee: said.employee };
  return { url, server, stop, people, password: said.password, database: said.database, log: () => log };
}

/** Runs a query or a mutation. */
export async function ask(url, token, query, variables) {
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return { status: response.status, ...(await response.json()) };
}

/** Signs somebody in; answers their token. */
export async function signIn({ url, password }, email) {
  const query = 'mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }';
  const { data } = await ask(url, null, query, { input: { email, password } });
  if (!data.signIn.accessToken) throw new Error(JSON.stringify(data));
  return data.signIn.accessToken;
}

/** The id of somebody, by a search that finds them alone. */
export async function idOf(url, token, search) {
  const query = 'query($search: String!) { users(filter: {search: $search}) { nodes { id } } }';
  const { data } = await ask(url, token, query, { search });
  return data.users.nodes[0].id;
}

/** What was promised, or a failure when it does not come in time. */
export function within(milliseconds, promise, what) {
  const late = new Promise((_, reject) =>
    setTimeout(() => reject(new Error(`${what}: not within ${milliseconds} ms`)), milliseconds).unref(),
  );
  return Promise.race([promise, late]);
}
