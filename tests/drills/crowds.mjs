// Fault-injection tests with several processes or concurrent users.
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, CREATE_TASK, DISMISS, arrive, dismiss, equal, fill, id, leave, movedAll, onPostgres, say } from './company.mjs';
import { freePort } from './postgres.mjs';
import { Server, check, person } from './server.mjs';

const WHO = '{ viewer { user { id } } }';
const two = (database, flags) => Promise.all([0, 1].map(() => Server.start(database, { flags })));
const stop = (servers) => Promise.all(servers.map((server) => server.stop()));

// Three processes on one database: concurrent start, two killed, events across processes, lock-out on all.
export const replicas = () => onPostgres('replicas', async (database) => {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const servers = await Promise.all(ports.map((port) => Server.start(database, { port, flags: ['--chunk', '200'] })));
  fill(database);
  const [one, other, third] = servers;
  const token = await one.signIn(ADMIN);
  const leaver = await arrive(database, other, 'leaver@drill.example');
  equal((await other.raw(leaver.token, WHO)).status, 200, 'before the dismissal');
  const events = await fetch(`${other.address}/graphql`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: 'subscription { userStatusChanged { email status } }' }),
  });
  const reader = events.body.getReader();
  await sleep(300);
  await dismiss(one, token, leaver.id);
  for (const server of servers) equal((await server.raw(leaver.token, WHO)).status, 401, 'after the dismissal');
  const since = Date.now();
  let told = '';
  while (!told.includes('leaver@drill.example')) told += new TextDecoder().decode((await reader.read()).value);
  const heard = Date.now() - since;
  await reader.cancel();

  const handover = await leave(one, token);
  await sleep(200);
  // It is unknown which process has the run, so kill all but one.
  await Promise.all([one, third].map((server) => server.stop('SIGKILL')));
  const died = Date.now();
  movedAll(await other.over(token, handover));
  const took = Date.now() - died;
  if (took > 30_000 + 20_000) throw new Error(`finished only after ${took} ms`);
  await other.stop();
  check(database);
  say(`replicas: three migrated concurrently, lock-out on all, event received after ${heard} ms, `
    + `the run finished ${(took / 1000).toFixed(1)} s after the kill`);
}, { empty: true });

// A streaming replica answers queries; writers read their own writes, and lock-out is immediate.
export const reading = () => onPostgres('primary', async (database, cluster) => {
  const replica = await cluster.replica('standby');
  const servers = await two(database, ['--database-read-url', replica.url()]);
  const [one, other] = servers;
  const token = await one.signIn(ADMIN);
  const reader = await arrive(database, other, 'reader@drill.example');
  const responsible = await id(one, token, 'p3@drill.example');
  let found = 0;
  for (let n = 0; n < 200; n++) {
    const { createTask } = await one.ask(token, CREATE_TASK, { title: `mine ${n}`, responsible });
    const { node } = await other.ask(token, 'query($id: ID!) { node(id: $id) { id } }', { id: createTask.task.id });
    if (node) found++;
  }
  equal(found, 200, 'writes read back through another process');
  await sleep(11_000);
  const scans = () => Number(replica.sql("SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_user_tables WHERE relname = 'users'"));
  const before = scans();
  for (let n = 0; n < 50; n++) await other.ask(reader.token, '{ users(first: 50) { nodes { id } } }');
  await sleep(1_500);
  const read = scans() - before;
  if (read < 40) throw new Error(`only ${read} scans on the replica`);
  await dismiss(one, token, reader.id);
  equal((await other.raw(reader.token, WHO)).status, 401, 'after the dismissal');
  // Without the replica, the primary answers its queries.
  replica.stop('immediate');
  for (let n = 0; n < 50; n++) await other.ask(token, '{ users(first: 50) { nodes { id } } }');
  await stop(servers);
  check(database);
  say(`reading: 200 writes read back through another process, ${read} scans on the replica for 50 queries, none failed without it`);
});

// People send reads and writes to two processes while they are dismissed.
export const lockout = () => onPostgres('lockout', async (database, cluster) => {
  const servers = await two(database);
  const token = await servers[0].signIn(ADMIN);
  const rounds = 200;
  let requests = 0;
  let late = 0;
  for (let round = 0; round < rounds; round++) {
    const user = await arrive(database, servers[1], `r${round}@drill.example`);
    let answered = Infinity;
    const hammer = async (server, query, variables) => {
      for (;;) {
        const sent = performance.now();
        const { status } = await server.raw(user.token, query, variables);
        requests++;
        if (status === 401) return;
        if (sent > answered) late++;
      }
    };
    const all = servers.flatMap((server) =>
      [hammer(server, WHO), hammer(server, CREATE_TASK, { title: 'late?', responsible: user.id })]);
    await sleep(10 + Math.random() * 40);
    await dismiss(servers[round % 2], token, user.id);
    answered = performance.now();
    await Promise.all(all);
  }
  // A row's xmin names the transaction that wrote it, and PostgreSQL tracks commit timestamps.
  const [writes, lateWrites] = cluster.sql(`SELECT count(*),
      count(*) FILTER (WHERE pg_xact_commit_timestamp(t.xmin) > pg_xact_commit_timestamp(u.xmin))
    FROM tasks t JOIN users u ON u.id = t.creator_id WHERE t.title = 'late?' AND u.status = 'DISMISSED'`).split('|').map(Number);
  await stop(servers);
  check(database);
  equal(late, 0, 'requests sent after the answer and accepted');
  equal(lateWrites, 0, 'writes committed after the dismissal');
  if (writes < rounds) throw new Error(`only ${writes} writes`);
  say(`lockout: ${rounds} dismissals against ${requests} requests on two processes: ${late} accepted late, `
    + `${lateWrites} of ${writes} writes committed late`);
});

// Two administrators dismiss each other concurrently, through two processes.
export const duel = () => onPostgres('duel', async (database) => {
  const servers = await two(database);
  const emails = ['zero@drill.example', 'one@drill.example'];
  const ids = emails.map((email) => person(database, email, 'administrator'));
  const wins = [0, 0];
  for (let round = 0; round < 100; round++) {
    const tokens = await Promise.all(emails.map((email, at) => servers[at].signIn(email)));
    const answers = await Promise.all([0, 1].map((at) => servers[at].raw(tokens[at], DISMISS, { id: ids[1 - at] })));
    const won = answers.map((answer) => Boolean(answer.data?.dismissUser?.dismissal));
    equal(won.filter(Boolean).length, 1, `round ${round}: dismissals that succeeded (${JSON.stringify(answers)})`);
    const survivor = won.indexOf(true);
    wins[survivor]++;
    const { hireUser } = await servers[survivor].ask(tokens[survivor],
      'mutation($id: ID!) { hireUser(input: {userId: $id}) { user { status } userErrors { message } } }', { id: ids[1 - survivor] });
    equal(hireUser.user?.status, 'ACTIVE', 'hired back');
  }
  await stop(servers);
  check(database);
  say(`duel: 100 rounds, exactly one winner each (${wins.join(' to ')})`);
}, { empty: true });
