// The server under test and its clients.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './postgres.mjs';
import { begin } from './processes.mjs';

const { BINARY, FOLDER } = process.env;
export const PASSWORD = 'correct horse battery staple';

export const command = (args, input) =>
  execFileSync(BINARY, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });

// Runs `handover check`; throws the violations.
export const check = (database) => {
  try {
    return command(['check', '--database-url', database]);
  } catch (error) {
    throw new Error(`check: ${error.stdout}${error.stderr}`);
  }
};

export const person = (database, email, role) =>
  command(['user', 'create', email, '--role', role, '--password-stdin', '--database-url', database], PASSWORD).split(' ')[0].trim();

export class Server {
  static async start(database, { flags = [], env = {}, port } = {}) {
    const server = new Server();
    server.port = port ?? await freePort();
    server.address = `http://127.0.0.1:${server.port}`;
    server.log = join(FOLDER, `server-${server.port}.log`);
    server.child = begin(server.log, [BINARY, ['serve', '--listen', `127.0.0.1:${server.port}`, '--public-url', 'http://drill.example',
      '--rate-limit', '0', '--database-url', database, '--blob-url', `file://${FOLDER}/blobs`, ...flags]], { env: { ...process.env, ...env } });
    let over = false;
    server.child.ended.then(() => { over = true; });
    for (;;) {
      if (over) throw new Error(`the server exited: ${server.log}`);
      try {
        if ((await fetch(`${server.address}/livez`)).ok) return server;
      } catch { await sleep(10); }
    }
  }

  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    await this.child.ended;
  }

  // Returns the response and its status; doesn't throw on error responses.
  async raw(token, query, variables) {
    const response = await fetch(`${this.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    let body = {};
    try { body = JSON.parse(text); } catch { /* not JSON: the status is enough */ }
    return { status: response.status, ...body };
  }

  async ask(token, query, variables) {
    const { data, errors, status } = await this.raw(token, query, variables);
    if (errors || !data) throw new Error(`${status} ${JSON.stringify(errors)}`);
    return data;
  }

  // Like `ask`, but retries until it succeeds: for observers during a fault.
  async insist(token, query, variables, patience = 60) {
    for (const until = Date.now() + patience * 1000; ;) {
      try {
        return await this.ask(token, query, variables);
      } catch (error) {
        if (Date.now() > until) throw error;
        await sleep(200);
      }
    }
  }

  async signIn(email) {
    const { signIn } = await this.insist(null,
      'mutation($email: String!, $password: String!) { signIn(input: {email: $email, password: $password}) { accessToken } }',
      { email, password: PASSWORD });
    return signIn.accessToken;
  }

  async handover(token, id) {
    const { node } = await this.insist(token, 'query($id: ID!) { node(id: $id) { ... on Handover { state total moved skipped failed } } }', { id });
    return node;
  }

  // Waits until a handover has finished, through any faults.
  async over(token, id, patience = 120) {
    for (const until = Date.now() + patience * 1000; Date.now() < until; await sleep(100)) {
      const handover = await this.handover(token, id);
      if (!['QUEUED', 'RUNNING'].includes(handover.state)) return handover;
    }
    throw new Error(`the handover did not finish within ${patience} s`);
  }
}
