// Subscriptions with the clients graphql-ws and graphql-sse.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { createClient as createEvents } from 'graphql-sse';
import { createClient as createSocket } from 'graphql-ws';
import WebSocket from 'ws';
import { ask, idOf, serve, signIn, within } from './support.mjs';

const PROGRESS = 'subscription($id: ID!) { handoverProgress(id: $id) { state moved progress lines { moved } } }';
const STATUS = 'subscription { userStatusChanged { email status } }';

let company, administrator;
before(async () => {
  company = await serve();
  administrator = await signIn(company, company.people.administrator);
});
after(() => company.stop());

const socketUrl = () => company.url.replace('http', 'ws');

/** The two ways in which a subscription is carried. */
const ways = {
  websocket: (token) => {
    const closed = Promise.withResolvers?.() ?? withResolvers();
    const client = createSocket({
      url: socketUrl(),
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: `Bearer ${token}` },
      retryAttempts: 0,
      lazyCloseTimeout: 5_000,
      on: { closed: (event) => closed.resolve(event.code) },
    });
    return { client, closed: closed.promise };
  },
  events: (token) => ({
    client: createEvents({ url: company.url, headers: { Authorization: `Bearer ${token}` }, retryAttempts: 0 }),
  }),
};

function withResolvers() {
  let resolve, reject;
  const promise = new Promise((yes, no) => ((resolve = yes), (reject = no)));
  return { promise, resolve, reject };
}

/** Collects what comes, and tells when the first has come and when it is over. */
function collect(client, query, variables) {
  const results = [];
  const first = withResolvers();
  const over = withResolvers();
  client.subscribe(
    { query, variables },
    {
      next: (result) => {
        results.push(result);
        first.resolve(result);
      },
      error: (error) => over.resolve(error),
      complete: () => over.resolve('complete'),
    },
  );
  return { results, first: first.promise, over: over.promise };
}

async function leaver() {
  const query = '{ users(first: 100, filter: {dismissed: false, role: EMPLOYEE}) { nodes { id email status } } }';
  const { data } = await ask(company.url, administrator, query);
  const fits = data.users.nodes.filter(
    (one) => one.status === 'ACTIVE' && !Object.values(company.people).includes(one.email) && !gone.has(one.email),
  );
  gone.add(fits[0].email);
  return fits[0];
}
const gone = new Set();

const DISMISS =
  'mutation($input: DismissUserInput!) { dismissUser(input: $input) { handover { id } userErrors { code } } }';

for (const [name, connect] of Object.entries(ways)) {
  test(`${name}: a handover is followed to its end`, async () => {
    const { client } = connect(administrator);
    const recipient = await idOf(company.url, administrator, company.people.employee);
    const { id } = await leaver();
    const handover = [{ kind: 'TASK_RESPONSIBLE', to: { userId: recipient }, includeClosed: true }];
    const { data } = await ask(company.url, administrator, DISMISS, { input: { userId: id, handover } });
    const { results, over } = collect(client, PROGRESS, { id: data.dismissUser.handover.id });
    assert.equal(await within(5_000, over, 'the end'), 'complete');
    const last = results.at(-1).data.handoverProgress;
    assert.equal(last.state, 'SUCCEEDED');
    assert.deepEqual(Object.keys(last), ['state', 'moved', 'progress', 'lines']);
    assert.equal(last.progress, 1);
    assert.equal(
      last.lines.reduce((sum, line) => sum + line.moved, 0),
      last.moved,
    );
    await client.dispose();
  });

  test(`${name}: a change of status is told`, async () => {
    const { client } = connect(administrator);
    const { id, email } = await leaver();
    const query = 'subscription($id: ID!) { userStatusChanged(userId: $id) { email status } }';
    const { results, first } = collect(client, query, { id });
    await new Promise((resolve) => setTimeout(resolve, 600));
    await ask(company.url, administrator, DISMISS, { input: { userId: id } });
    await within(1_500, first, 'the dismissal');
    assert.deepEqual(results[0].data.userStatusChanged, { email, status: 'DISMISSED' });
    await client.dispose();
  });

  test(`${name}: what is refused says why`, async () => {
    const employee = await signIn(company, company.people.employee);
    const { client } = connect(employee);
    const id = 'handover_01j0b3v1mmee6tx9cpdgkfhbch';
    const forbidden = collect(client, PROGRESS, { id });
    await within(2_000, forbidden.over, 'the refusal');
    const told = forbidden.results[0]?.errors ?? (await forbidden.over);
    assert.equal(told[0].extensions.code, 'FORBIDDEN');
    const wrong = collect(client, 'subscription { nothing }');
    const over = await within(2_000, wrong.over, 'the refusal');
    assert.equal((wrong.results[0]?.errors ?? over)[0].extensions.code, 'BAD_USER_INPUT');
    // Queries are operations too.
    const query = collect(client, '{ viewer { user { email } } }');
    assert.equal(await within(2_000, query.over, 'the answer'), 'complete');
    assert.equal(query.results[0].data.viewer.user.email, company.people.employee);
    await client.dispose();
  });

  test(`${name}: the dismissed are cut off within a second`, async () => {
    const person = await leaver();
    const token = await signIn(company, person.email);
    const { client, closed } = connect(token);
    const { results, over } = collect(client, STATUS);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await ask(company.url, administrator, DISMISS, { input: { userId: person.id } });
    if (closed) {
      assert.equal(await within(1_000, closed, 'the end of the connection'), 4401);
    } else {
      await within(1_000, over, 'the end of the stream');
      assert.equal(results.at(-1).errors[0].extensions.code, 'UNAUTHENTICATED');
    }
    await client.dispose();
  });
}

/** A socket with nothing between it and the protocol. */
async function raw(protocols = 'graphql-transport-ws', headers = {}) {
  const socket = new WebSocket(socketUrl(), protocols, { headers });
  const closed = once(socket, 'close').then(([code]) => code);
  await once(socket, 'open');
  const say = (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  // Two messages can arrive at once, so unread ones are buffered.
  const heard = [];
  socket.on('message', (text) => heard.push(JSON.parse(text)));
  const hear = async () => {
    while (!heard.length) await once(socket, 'message');
    return heard.shift();
  };
  return { socket, closed, say, hear };
}

test('the protocol is followed exactly', async () => {
  const init = { type: 'connection_init', payload: { Authorization: `Bearer ${administrator}` } };
  const subscribe = { type: 'subscribe', id: '1', payload: { query: STATUS } };
  for (const [messages, code] of [
    [['nonsense'], 4400],
    [[{ type: 'what' }], 4400],
    [[subscribe], 4401],
    [[{ type: 'connection_init' }], 4403],
    [[{ type: 'connection_init', payload: { Authorization: 'Bearer nonsense' } }], 4403],
    [[init, init], 4429],
    [[init, subscribe, subscribe], 4409],
  ]) {
    const { socket, closed, say } = await raw();
    messages.forEach(say);
    assert.equal(await within(2_000, closed, JSON.stringify(messages)), code);
    socket.terminate();
  }
  const { socket, say, hear } = await raw();
  say({ type: 'ping', payload: { n: 1 } });
  assert.deepEqual(await hear(), { type: 'pong', payload: { n: 1 } });
  say(init);
  assert.deepEqual(await hear(), { type: 'connection_ack' });
  say({ type: 'subscribe', id: 'q', payload: { query: '{ viewer { user { email } } }' } });
  const next = await hear();
  assert.deepEqual([next.type, next.id], ['next', 'q']);
  assert.deepEqual(await hear(), { type: 'complete', id: 'q' });
  // A completed id can be reused, and operations completed by the client are not answered.
  say({ ...subscribe, id: 'q' });
  say({ type: 'complete', id: 'q' });
  say({ ...subscribe, id: 'q' });
  say({ type: 'ping' });
  assert.deepEqual(await hear(), { type: 'pong' });
  socket.terminate();
  // The token can also be sent in a header.
  const other = await raw('graphql-transport-ws', { authorization: `Bearer ${administrator}` });
  other.say({ type: 'connection_init' });
  assert.deepEqual(await other.hear(), { type: 'connection_ack' });
  other.socket.terminate();
});

test('a document can be sent by its hash, and a nested one is refused', async () => {
  const { socket, say, hear } = await raw('graphql-transport-ws', { authorization: `Bearer ${administrator}` });
  say({ type: 'connection_init' });
  assert.deepEqual(await hear(), { type: 'connection_ack' });
  const query = '{ viewer { user { email } } }';
  const by = (text) => ({ persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(text).digest('hex') } });
  const send = async (payload) => {
    say({ type: 'subscribe', id: 'q', payload });
    const answer = await hear();
    if (answer.type === 'next') assert.equal((await hear()).type, 'complete');
    return answer.type === 'next' ? answer.payload.data.viewer.user.email : answer.payload[0].extensions.code;
  };
  assert.equal(await send({ extensions: by(query) }), 'PERSISTED_QUERY_NOT_FOUND');
  assert.equal(await send({ query, extensions: by('another') }), 'BAD_USER_INPUT');
  assert.equal(await send({ query, extensions: by(query) }), company.people.administrator);
  assert.equal(await send({ extensions: by(query) }), company.people.administrator);
  const deep = `{ user(id: ${'['.repeat(1_500)}${']'.repeat(1_500)}) { id } }`;
  assert.equal(await send({ query: deep, extensions: by(deep) }), 'QUERY_TOO_COMPLEX');
  assert.equal(await send({ extensions: by(deep) }), 'PERSISTED_QUERY_NOT_FOUND');
  socket.terminate();
});

test('a server closes connections at shutdown', async () => {
  const own = await serve();
  const token = await signIn(own, own.people.administrator);
  const socket = new WebSocket(own.url.replace('http', 'ws'), 'graphql-transport-ws');
  const closed = once(socket, 'close').then(([code]) => code);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } }));
  await once(socket, 'message');
  const events = createEvents({ url: own.url, headers: { Authorization: `Bearer ${token}` }, retryAttempts: 0 });
  const { over } = collect(events, STATUS);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const stopped = own.stop();
  assert.equal(await within(2_000, closed, 'the end of the connection'), 1001);
  // Clients retry an aborted stream, but not a completed one.
  assert.notEqual(await within(2_000, over, 'the end of the stream'), 'complete');
  await within(5_000, stopped, 'the end of the server');
});
