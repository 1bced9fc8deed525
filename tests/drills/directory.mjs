// A directory deactivates people who are connected to three processes in every way, in each spelling that clients use.
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, CREATE_TASK, equal, onPostgres, say } from './company.mjs';
import { PASSWORD, Server, check, person } from './server.mjs';
import { download, eventStream, upload, webSocket } from './sockets.mjs';

const WHO = '{ viewer { user { id } } }';
const URN = 'urn:ietf:params:scim:schemas:core:2.0:User';
// Seconds in which connections on other processes end.
const PATIENCE = 5;
// More than the buffers of a connection hold.
const FILE = 12 << 20;

const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0';
const patch = (...operations) => ({ method: 'PATCH', body: { schemas: [`${MESSAGES}:PatchOp`], Operations: operations } });
const put = (active) => ({ name }) => (
  { method: 'PUT', body: { schemas: [URN], userName: name, active, emails: [{ value: name, primary: true }] } });
const bulk = (operation) => ({ id }) => ({
  method: 'POST', path: '/Bulk',
  body: { schemas: [`${MESSAGES}:BulkRequest`], Operations: [{ ...operation, path: `/Users/${id}` }] },
});

// How clients say that a person has left.
const SPELLINGS = {
  'PATCH, path, boolean': () => patch({ op: 'replace', path: 'active', value: false }),
  'PATCH, path, text (Entra ID)': () => patch({ op: 'Replace', path: 'active', value: 'False' }),
  'PATCH, add (Entra ID)': () => patch({ op: 'Add', path: 'active', value: 'False' }),
  'PATCH, no path (Okta)': () => patch({ op: 'replace', value: { active: false } }),
  'PATCH, no path, text': () => patch({ op: 'Replace', value: { active: 'false' } }),
  'PATCH, upper case': () => patch({ op: 'REPLACE', path: 'ACTIVE', value: 'FALSE' }),
  'PATCH, path with URN': () => patch({ op: 'replace', path: `${URN}:active`, value: false }),
  'PATCH, among others': () => patch(
    { op: 'replace', path: 'title', value: 'Gone' }, { op: 'replace', value: { active: false, nickName: 'Gone' } }),
  'PUT, boolean (Okta)': put(false),
  'PUT, text': put('False'),
  DELETE: () => ({ method: 'DELETE' }),
  'Bulk, PATCH': bulk({ method: 'PATCH', data: patch({ op: 'replace', path: 'active', value: false }).body }),
  'Bulk, DELETE': bulk({ method: 'DELETE' }),
};

const connectDirectory = async (server, token) => {
  const { createIntegration } = await server.ask(token,
    'mutation { createIntegration(input: {name: "Directory", scopes: [PROVISION_PEOPLE]}) { token integration { id } } }');
  await server.ask(token, 'mutation($id: ID!) { createDirectory(input: {name: "Directory", integrationId: $id}) { directory { id } } }',
    { id: createIntegration.integration.id });
  return async (method, path, body) => {
    const response = await fetch(`${server.address}/scim/v2${path}`, {
      method, body: body && JSON.stringify(body),
      headers: { authorization: `Bearer ${createIntegration.token}`, 'content-type': 'application/scim+json' },
    });
    const text = await response.text();
    // The body of an error has a status too, as text.
    return { ...(text && JSON.parse(text)), status: response.status };
  };
};

const signIn = async (server, email) => {
  const { signIn: tokens } = await server.ask(null,
    'mutation($email: String!, $password: String!) { signIn(input: {email: $email, password: $password}) { accessToken refreshToken } }',
    { email, password: PASSWORD });
  return { server, ...tokens };
};
const refresh = (server, token) => server.raw(null,
  'mutation($token: String!) { refreshSession(input: {refreshToken: $token}) { accessToken userErrors { code } } }', { token });

const send = (server, token, folder, name, content) => fetch(`${server.address}/drive/${folder}?name=${name}`, {
  method: 'POST', headers: { authorization: `Bearer ${token}` }, body: content,
});

// Sends requests until one is refused.
const hammer = async (leaver, server, token, query, variables) => {
  for (;;) {
    const sent = performance.now();
    const { status, data } = await server.raw(token, query, variables);
    leaver.requests++;
    if (status === 401) return;
    if (sent > leaver.answered && data) leaver.late.push(query);
  }
};

// A person who has a session, an event stream, a WebSocket, a running upload, a running download, and readers and writers
// on each process.
const arrive = async (database, servers, name, content) => {
  const user = person(database, name, 'employee');
  const leaver = { user, name, answered: Infinity, late: [], requests: 0 };
  leaver.sessions = await Promise.all(servers.map((server) => signIn(server, name)));
  const own = 'query { viewer { user { drive { id } } } }';
  leaver.folder = (await servers[0].ask(leaver.sessions[0].accessToken, own)).viewer.user.drive.id;
  const stored = await send(servers[0], leaver.sessions[0].accessToken, leaver.folder, 'old.bin', content);
  equal(stored.status, 201, `${name}: an upload before`);
  leaver.url = (await stored.json()).url;
  leaver.connections = await Promise.all(leaver.sessions.map(async ({ server, accessToken: token }, at) => {
    const socket = await webSocket(server, token);
    equal(await socket.acknowledged, true, `${name}: the WebSocket`);
    return { socket, stream: await eventStream(server, token), upload: await upload(server, token, leaver.folder, `late-${at}.bin`),
      download: await download(server, token, leaver.url) };
  }));
  leaver.hammers = leaver.sessions.flatMap(({ server, accessToken: token }) =>
    [hammer(leaver, server, token, WHO), hammer(leaver, server, token, CREATE_TASK, { title: 'late?', responsible: user })]);
  return leaver;
};

const within = (promise, what) => Promise.race([promise,
  sleep(PATIENCE * 1_000, undefined, { ref: false }).then(() => { throw new Error(`${what}: not within ${PATIENCE} s`); })]);

// After the answer: nothing is accepted, on no process, by no token.
const refused = async (servers, leaver, what) => {
  for (const server of servers) {
    for (const { accessToken, refreshToken } of leaver.sessions) {
      equal((await server.raw(accessToken, WHO)).status, 401, `${what}: a query`);
      const renewed = await refresh(server, refreshToken);
      equal(renewed.data?.refreshSession?.accessToken ?? null, null, `${what}: a refresh`);
      equal(renewed.data?.refreshSession?.userErrors[0].code, 'TOKEN_INVALID', `${what}: a refresh`);
    }
    const [{ accessToken: token }] = leaver.sessions;
    equal((await send(server, token, leaver.folder, 'later.bin', 'x')).status, 401, `${what}: an upload`);
    const read = await fetch(`${server.address}${new URL(leaver.url).pathname}`, { headers: { authorization: `Bearer ${token}` } });
    equal(read.status, 401, `${what}: a download`);
    const socket = await webSocket(server, token);
    equal(await socket.acknowledged, false, `${what}: a WebSocket`);
    socket.close();
    equal((await signIn(server, leaver.name)).accessToken, null, `${what}: a sign-in`);
  }
};

// What was open when the answer came has ended; returns how long that took, in milliseconds.
const ended = async (leaver, what) => {
  const last = [];
  for (const { socket, stream, upload: sent, download: received } of leaver.connections) {
    const closed = await within(socket.ended, `${what}: a WebSocket`);
    equal(closed.code, 4401, `${what}: the close code`);
    const told = await within(stream.ended, `${what}: an event stream`);
    if (!told.text.includes('UNAUTHENTICATED')) throw new Error(`${what}: the event stream ended without a reason: ${told.text}`);
    const cut = await within(sent.ended, `${what}: an upload`);
    if (cut.status < 400) throw new Error(`${what}: an upload ended with ${cut.status}`);
    const rest = await within(received.read(), `${what}: a download`);
    if (rest.received === 0 || rest.received >= FILE) throw new Error(`${what}: ${rest.received} bytes of a download`);
    const times = [closed.at, told.at, cut.at];
    if (Math.min(...times) < leaver.sent) throw new Error(`${what}: a connection had ended before`);
    last.push(...times);
  }
  return Math.max(...last) - leaver.answered;
};

// Rows of leavers that were committed after the audit entry of their dismissal: a row's xmin names the transaction that
// wrote it, and PostgreSQL tracks commit timestamps.
const LEAKS = `WITH gone AS (
    SELECT subject_id AS id, max(pg_xact_commit_timestamp(xmin)) AS at FROM audit_entries WHERE action = 'user.dismissed' GROUP BY 1),
  written AS (
    SELECT creator_id AS id, xmin FROM tasks UNION ALL
    SELECT owner_id, xmin FROM drive_items UNION ALL
    SELECT user_id, xmin FROM sessions UNION ALL
    SELECT s.user_id, r.xmin FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id UNION ALL
    SELECT actor_user_id, xmin FROM audit_entries WHERE actor_integration_id IS NULL)
  SELECT count(*) FILTER (WHERE pg_xact_commit_timestamp(w.xmin) > g.at), count(*), count(DISTINCT g.id) FROM gone g JOIN written w ON w.id = g.id`;

// Access ends with the answer to the directory, on all processes; nothing that a leaver began is written after it.
export const deprovisioned = () => onPostgres('deprovisioned', async (database, cluster) => {
  const [first, ...others] = [await Server.start(database), await Server.start(database), await Server.start(database)];
  const servers = [first, ...others];
  person(database, ADMIN, 'administrator');
  const admin = await first.signIn(ADMIN);
  const scim = await connectDirectory(first, admin);
  const content = Buffer.alloc(FILE, 'handover');
  let [requests, slowest, at] = [0, 0, 0];
  for (const [what, spell] of Object.entries(SPELLINGS)) {
    const name = `leaver${at++}@drill.example`;
    const leaver = await arrive(database, servers, name, content);
    const found = await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`);
    const { id } = found.Resources[0];
    // The first change links the person to the directory.
    equal((await scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'title', value: 'Engineer' }).body)).status, 200, `${what}: the link`);
    if (at === 1) {
      // A POST creates: it never means somebody who is here.
      equal((await scim('POST', '/Users', { schemas: [URN], userName: name, active: false })).status, 409, 'POST of a person who is here');
      equal((await others[0].raw(leaver.sessions[0].accessToken, WHO)).status, 200, 'after the POST');
    }
    await sleep(100 + Math.random() * 200);
    const { method, path = `/Users/${id}`, body } = spell({ id, name });
    leaver.sent = performance.now();
    const answer = await scim(method, path, body);
    leaver.answered = performance.now();
    const status = answer.Operations ? Number(answer.Operations[0].status) : answer.status;
    if (status >= 300) throw new Error(`${what}: ${status} ${JSON.stringify(answer)}`);
    await refused(servers, leaver, what);
    slowest = Math.max(slowest, await ended(leaver, what));
    await within(Promise.all(leaver.hammers), `${what}: requests in a loop`);
    equal(leaver.late.length, 0, `${what}: requests sent after the answer and accepted`);
    requests += leaver.requests;
  }
  const [late, written, people] = cluster.sql(LEAKS).split('|').map(Number);
  const files = Number(cluster.sql("SELECT count(*) FROM drive_items WHERE name LIKE 'late%'"));
  await Promise.all(servers.map((server) => server.stop()));
  check(database);
  equal(people, Object.keys(SPELLINGS).length, 'people whose rows were compared');
  equal(late, 0, 'rows written by leavers after their dismissal');
  equal(files, 0, 'files of interrupted uploads');
  say(`deprovisioned: ${people} spellings on three processes, ${requests} requests, ${written} rows: nothing accepted or written late; `
    + `connections ended within ${Math.max(0, slowest).toFixed(0)} ms of the answer`);
}, { empty: true });
