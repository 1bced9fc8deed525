// Each drill breaks something, waits, and then asks the same: did it go on by itself, does `handover check` find every rule
// kept, is anything lost that had been acknowledged?
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, freePort } from './postgres.mjs';
import { Patroni, available } from './patroni.mjs';
import { Server, check, command, person } from './server.mjs';

const { FOLDER } = process.env;
const ADMIN = 'admin@drill.example';
const TASKS = 50_000;

const equal = (left, right, what) => {
  if (left !== right) throw new Error(`${what}: ${left}, not ${right}`);
};
const say = (text) => console.log(text);

// A company in which one person holds many tasks, once for all drills; each gets a copy.
const company = (() => {
  const folder = join(FOLDER, 'company');
  mkdirSync(folder, { recursive: true });
  const people = Array.from({ length: 20 }, (_, i) => `p${i}@drill.example,P${i},Drill,,,2020-01-01,,`);
  writeFileSync(join(folder, 'users.csv'), `email,given_name,family_name,position,department_id,hired_on,dismissed_on,role\n${people.join('\n')}\n`);
  const tasks = Array.from({ length: TASKS }, (_, i) => `t${i},Task ${i},p1@drill.example,p0@drill.example,,,PENDING,2024-01-01,`);
  writeFileSync(join(folder, 'tasks.csv'), `id,title,creator_email,responsible_email,participants,observers,status,created_at,deadline\n${tasks.join('\n')}\n`);
  return folder;
})();
const fill = (database) => {
  command(['import', company, '--database-url', database]);
  person(database, ADMIN, 'administrator');
  return database;
};
const sqliteFile = (name, folder = FOLDER) => `sqlite://${join(folder, `${name}.db`)}?mode=rwc`;
const postgres = async (cluster, name) => {
  cluster.sql('postgres', `CREATE DATABASE ${name}`);
  command(['migrate', 'up', '--database-url', cluster.url(name)]);
  return fill(cluster.url(name));
};

const id = async (server, token, email) => {
  const { users } = await server.insist(token, 'query($search: String) { users(filter: {search: $search}, first: 100) { nodes { id email } } }', { search: email });
  return users.nodes.find((node) => node.email === email).id;
};
// Dismisses the one who holds the tasks; answers the handover.
const leave = async (server, token, from = 'p0@drill.example', to = 'p2@drill.example') => {
  const { dismissUser } = await server.ask(token, `mutation($userId: ID!, $to: ID!) {
    dismissUser(input: {userId: $userId, handover: [{kind: TASK_RESPONSIBLE, to: {userId: $to}}]}) { handover { id } userErrors { message } } }`,
  { userId: await id(server, token, from), to: await id(server, token, to) });
  if (!dismissUser.handover) throw new Error(JSON.stringify(dismissUser.userErrors));
  return dismissUser.handover.id;
};
const movedAll = (handover) => {
  equal(handover.state, 'SUCCEEDED', 'the state of the handover');
  equal(handover.moved, TASKS, 'items moved');
};

// Somebody who writes as fast as they are answered, and remembers what was acknowledged.
const writer = (server, token, person) => {
  const acknowledged = [];
  const refused = [];
  let on = true;
  const done = (async () => {
    while (on) {
      try {
        const { createTask } = await server.ask(token, 'mutation($id: ID!, $title: String!) { createTask(input: {title: $title, responsibleId: $id}) { task { id } } }',
          { id: person, title: `kept ${acknowledged.length}` });
        acknowledged.push(createTask.task.id);
      } catch (error) {
        refused.push(error.message);
        await sleep(50);
      }
    }
  })();
  return { acknowledged, refused, stop: async () => { on = false; await done; } };
};
const allThere = async (server, token, ids) => {
  for (let at = 0; at < ids.length; at += 100) {
    const { nodes } = await server.insist(token, 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ids.slice(at, at + 100) });
    if (nodes.some((node) => node === null)) throw new Error('something was acknowledged and is not there');
  }
};

const onBoth = async (name, drill) => {
  await drill(fill(sqliteFile(name)), 'SQLite');
  const cluster = await Cluster.make(name);
  await drill(await postgres(cluster, 'drill'), 'PostgreSQL', cluster);
  cluster.stop('immediate');
};

export const drills = {
  // The program is killed at twenty random moments of one handover.
  kill: () => onBoth('kill', async (database, name) => {
    let server = await Server.start(database, { flags: ['--chunk', '500'] });
    const { port } = server;
    let token = await server.signIn(ADMIN);
    const handover = await leave(server, token);
    let rounds = 0;
    for (; rounds < 20; rounds++) {
      await sleep(20 + Math.random() * 150);
      await server.stop('SIGKILL');
      server = await Server.start(database, { port, flags: ['--chunk', '500'] });
      if (rounds % 5 === 4) await sleep(16_000); // so long does a lease hold
    }
    token = await server.signIn(ADMIN);
    movedAll(await server.over(() => token, handover));
    await server.stop();
    check(database);
    say(`kill, ${name}: killed ${rounds} times, ${TASKS} items moved once each`);
  }),

  // PostgreSQL falls over under load, three times, and comes back.
  restart: async () => {
    const cluster = await Cluster.make('restart');
    const database = await postgres(cluster, 'drill');
    const server = await Server.start(database, { flags: ['--chunk', '500'] });
    const token = await server.signIn(ADMIN);
    const work = writer(server, token, await id(server, token, 'p3@drill.example'));
    const handover = await leave(server, token);
    for (let round = 0; round < 3; round++) {
      await sleep(400);
      cluster.stop('immediate');
      await sleep(500);
      cluster.start();
    }
    movedAll(await server.over(() => token, handover));
    await work.stop();
    await allThere(server, token, work.acknowledged);
    await server.stop();
    check(database);
    say(`restart, PostgreSQL: 3 times, ${work.acknowledged.length} writes acknowledged and there, ${work.refused.length} refused meanwhile`);
  },

  // The network between the server and PostgreSQL is gone for ten seconds.
  cut: async () => {
    const cluster = await Cluster.make('cut');
    await postgres(cluster, 'drill');
    const sockets = new Set();
    let open = true;
    const proxy = createServer((client) => {
      if (!open) return client.destroy();
      const upstream = createConnection(cluster.port, '127.0.0.1');
      for (const [one, other] of [[client, upstream], [upstream, client]]) {
        sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => { sockets.delete(one); other.destroy(); });
        one.pipe(other);
      }
    });
    const port = await freePort();
    await new Promise((resolve) => proxy.listen(port, '127.0.0.1', resolve));
    const database = `postgres://postgres@127.0.0.1:${port}/drill`;
    const server = await Server.start(database, { flags: ['--chunk', '500'] });
    const token = await server.signIn(ADMIN);
    const work = writer(server, token, await id(server, token, 'p3@drill.example'));
    const handover = await leave(server, token);
    await sleep(500);
    open = false;
    sockets.forEach((socket) => socket.destroy());
    const since = Date.now();
    const ready = (await fetch(`${server.address}/readyz`)).status;
    equal(ready, 503, 'ready without a database');
    await sleep(10_000 - (Date.now() - since));
    open = true;
    movedAll(await server.over(() => token, handover));
    await work.stop();
    await allThere(server, token, work.acknowledged);
    await server.stop();
    proxy.close();
    check(cluster.url('drill'));
    cluster.stop('immediate');
    say(`cut, PostgreSQL: 10 s, ${work.acknowledged.length} writes acknowledged and there, ${work.refused.length} refused meanwhile`);
  },

  // The disk is full in the middle of a handover, and has room again later.
  full: async () => {
    const disk = join(FOLDER, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return say('full: skipped, a tmpfs can not be mounted here');
    }
    try {
      for (const name of ['SQLite', 'PostgreSQL']) {
        const cluster = name === 'PostgreSQL' && await Cluster.make('full', { folder: join(disk, 'postgres') });
        const database = cluster ? await postgres(cluster, 'drill') : fill(sqliteFile('full', disk));
        const server = await Server.start(database, { flags: ['--chunk', '500'] });
        const token = await server.signIn(ADMIN);
        const work = writer(server, token, await id(server, token, 'p3@drill.example'));
        const handover = await leave(server, token);
        await sleep(300);
        const ballast = join(disk, 'ballast');
        try { execFileSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'], { stdio: 'ignore' }); } catch { /* full: that is meant */ }
        await sleep(5_000);
        const before = work.refused.length;
        rmSync(ballast);
        // PostgreSQL ends when it can't write its log; whoever runs it starts it again.
        if (cluster) { try { cluster.sql('postgres', 'SELECT 1'); } catch { cluster.stop('immediate'); cluster.start(); } }
        movedAll(await server.over(() => token, handover));
        await work.stop();
        await allThere(server, token, work.acknowledged);
        await server.stop();
        check(database);
        if (cluster) cluster.stop('immediate');
        else rmSync(join(disk, 'full.db'));
        say(`full, ${name}: ${work.acknowledged.length} writes acknowledged and there, ${before} refused while there was no room`);
      }
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  },

  // The clock of the server jumps an hour ahead and back again.
  clock: async () => {
    const library = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1'].find(existsSync);
    if (!library) return say('clock: skipped, there is no faketime here');
    await onBoth('clock', async (database, name) => {
      const file = join(FOLDER, 'faketime');
      writeFileSync(file, '+0');
      const server = await Server.start(database, {
        flags: ['--chunk', '500'],
        env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
      });
      let token = await server.signIn(ADMIN);
      const handover = await leave(server, token);
      for (const step of ['+3600', '-3600', '+0']) {
        await sleep(400);
        writeFileSync(file, step);
        // A token of another hour is none.
        token = await server.signIn(ADMIN);
      }
      movedAll(await server.over(() => token, handover));
      await server.stop();
      check(database);
      say(`clock, ${name}: an hour ahead, an hour behind, right again; every item moved once`);
    });
  },

  // Two processes on one database: the same start, the death of one, events of the other, lock-out on both.
  replicas: async () => {
    const cluster = await Cluster.make('replicas');
    cluster.sql('postgres', 'CREATE DATABASE drill');
    const database = cluster.url('drill');
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    let servers = await Promise.all(ports.map((port) => Server.start(database, { port, flags: ['--chunk', '200'] })));
    fill(database);
    const [one, two] = servers;
    const token = await one.signIn(ADMIN);
    const leaver = await two.signIn(await (async () => { person(database, 'leaver@drill.example', 'employee'); return 'leaver@drill.example'; })());
    equal((await two.raw(leaver, '{ viewer { user { id } } }')).status, 200, 'before the dismissal');
    const events = await fetch(`${two.address}/graphql`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: 'subscription { userStatusChanged { email status } }' }),
    });
    const reader = events.body.getReader();
    await sleep(300);
    const { dismissUser } = await one.ask(token, 'mutation($id: ID!) { dismissUser(input: {userId: $id}) { userErrors { message } } }',
      { id: await id(one, token, 'leaver@drill.example') });
    equal(dismissUser.userErrors.length, 0, 'refusals');
    for (const server of servers) equal((await server.raw(leaver, '{ viewer { user { id } } }')).status, 401, 'after the dismissal');
    const since = Date.now();
    let told = '';
    while (!told.includes('leaver@drill.example')) told += new TextDecoder().decode((await reader.read()).value);
    const heard = Date.now() - since;
    await reader.cancel();

    const handover = await leave(one, token);
    await sleep(200);
    // Whoever has the run is found by its death: all but one are killed.
    await Promise.all([one, servers[2]].map((server) => server.stop('SIGKILL')));
    const died = Date.now();
    movedAll(await two.over(() => token, handover));
    const took = Date.now() - died;
    if (took > 30_000 + 20_000) throw new Error(`found after ${took} ms`);
    await two.stop();
    check(database);
    cluster.stop('immediate');
    say(`replicas: three migrated at once, locked out on all, told of it after ${heard} ms, a run was over ${(took / 1000).toFixed(1)} s after its process had died`);
  },

  // A streaming replica answers queries; whoever writes finds what they wrote, and lock-out is immediate.
  reading: async () => {
    const cluster = await Cluster.make('primary');
    const database = await postgres(cluster, 'drill');
    const replica = await cluster.replica('standby');
    const servers = await Promise.all([0, 1].map(() => Server.start(database, { flags: ['--database-read-url', replica.url('drill')] })));
    const [one, two] = servers;
    const token = await one.signIn(ADMIN);
    const reader = await two.signIn(await (async () => { person(database, 'reader@drill.example', 'employee'); return 'reader@drill.example'; })());
    const someone = await id(one, token, 'p3@drill.example');
    let found = 0;
    for (let n = 0; n < 200; n++) {
      const { createTask } = await one.ask(token, 'mutation($id: ID!, $title: String!) { createTask(input: {title: $title, responsibleId: $id}) { task { id } } }',
        { id: someone, title: `mine ${n}` });
      const { node } = await two.ask(token, 'query($id: ID!) { node(id: $id) { id } }', { id: createTask.task.id });
      if (node) found++;
    }
    equal(found, 200, 'writes found again, by another process');
    await sleep(11_000);
    const scans = () => Number(replica.sql('drill', "SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_user_tables WHERE relname = 'users'"));
    const before = scans();
    for (let n = 0; n < 50; n++) await two.ask(reader, '{ users(first: 50) { nodes { id } } }');
    await sleep(1_500);
    const read = scans() - before;
    if (read < 40) throw new Error(`the replica was asked ${read} times`);
    await one.ask(token, 'mutation($id: ID!) { dismissUser(input: {userId: $id}) { userErrors { message } } }', { id: await id(one, token, 'reader@drill.example') });
    equal((await two.raw(reader, '{ viewer { user { id } } }')).status, 401, 'after the dismissal');
    // The replica goes away: its queries are answered by the primary.
    replica.stop('immediate');
    for (let n = 0; n < 50; n++) await two.ask(token, '{ users(first: 50) { nodes { id } } }');
    await Promise.all(servers.map((server) => server.stop()));
    check(database);
    cluster.stop('immediate');
    say(`reading: 200 writes found at once by another process, ${read} scans on the replica for 50 queries, no query failed when it went away`);
  },

  // The machine of the primary goes away under load, and Patroni makes another one the primary.
  failover: async () => {
    if (!available()) return say('failover: skipped, there is no patroni or no etcd here');
    const patroni = await Patroni.make();
    patroni.sql('postgres', 'CREATE DATABASE drill');
    command(['migrate', 'up', '--database-url', patroni.direct('drill')]);
    fill(patroni.direct('drill'));
    const server = await Server.start(patroni.url('drill'), { flags: ['--chunk', '500'] });
    const token = await server.signIn(ADMIN);
    const work = writer(server, token, await id(server, token, 'p3@drill.example'));
    const handover = await leave(server, token);
    await sleep(300);
    const killed = await patroni.kill();
    const since = Date.now();
    const before = work.acknowledged.length;
    while (work.acknowledged.length < before + 5) await sleep(50);
    const away = Date.now() - since;
    const next = await patroni.primary(60);
    if (next === killed) throw new Error('the primary is the one that was killed');
    movedAll(await server.over(() => token, handover));
    await work.stop();
    await allThere(server, token, work.acknowledged);
    await server.stop();
    check(patroni.direct('drill'));
    patroni.stop();
    say(`failover, Patroni: writes went on ${(away / 1000).toFixed(1)} s after the primary had gone; ${work.acknowledged.length} acknowledged and there, ${work.refused.length} refused meanwhile`);
  },

  // People hammer reads and writes at two processes while they are dismissed.
  lockout: async () => {
    const cluster = await Cluster.make('lockout');
    const database = await postgres(cluster, 'drill');
    const servers = await Promise.all([0, 1].map(() => Server.start(database)));
    const token = await servers[0].signIn(ADMIN);
    const rounds = 200;
    let requests = 0;
    let late = 0;
    let lateWrites = 0;
    for (let round = 0; round < rounds; round++) {
      const email = `r${round}@drill.example`;
      const user = person(database, email, 'employee');
      const theirs = await servers[1].signIn(email);
      let answered = Infinity;
      const accepted = [];
      const hammer = async (server, query, variables) => {
        for (;;) {
          const sent = performance.now();
          const answer = await server.raw(theirs, query, variables);
          requests++;
          if (answer.status === 401) return;
          if (sent > answered) late++;
          accepted.push(sent);
        }
      };
      const all = servers.flatMap((server) => [
        hammer(server, '{ viewer { user { id } } }'),
        hammer(server, 'mutation($id: ID!) { createTask(input: {title: "late?", responsibleId: $id}) { task { id } } }', { id: user }),
      ]);
      await sleep(10 + Math.random() * 40);
      const { dismissUser } = await servers[round % 2].ask(token, 'mutation($id: ID!) { dismissUser(input: {userId: $id}) { userErrors { message } } }', { id: user });
      answered = performance.now();
      equal(dismissUser.userErrors.length, 0, 'refusals');
      await Promise.all(all);
    }
    // A task carries the moment at which its transaction began; the row's own number tells which transaction wrote it.
    lateWrites = Number(cluster.sql('drill', `SELECT count(*) FROM tasks t JOIN users u ON u.id = t.creator_id
      WHERE t.title = 'late?' AND t.created_at > u.dismissed_at`));
    await Promise.all(servers.map((server) => server.stop()));
    check(database);
    cluster.stop('immediate');
    equal(late, 0, 'requests accepted that were sent after the answer');
    equal(lateWrites, 0, 'writes after the dismissal');
    say(`lockout: ${rounds} dismissals against ${requests} requests on two processes: ${late} accepted late, ${lateWrites} written late`);
  },

  // Two administrators dismiss each other at the same moment, at two processes.
  duel: async () => {
    const cluster = await Cluster.make('duel');
    cluster.sql('postgres', 'CREATE DATABASE drill');
    const database = cluster.url('drill');
    command(['migrate', 'up', '--database-url', database]);
    const servers = await Promise.all([0, 1].map(() => Server.start(database)));
    let [survivor, token] = [0, null];
    const emails = ['zero@drill.example', 'one@drill.example'];
    const ids = emails.map((email) => person(database, email, 'administrator'));
    const wins = [0, 0];
    for (let round = 0; round < 100; round++) {
      const tokens = await Promise.all(emails.map((email, at) => servers[at].signIn(email)));
      const answers = await Promise.all([0, 1].map((at) => servers[at].raw(tokens[at],
        'mutation($id: ID!) { dismissUser(input: {userId: $id}) { dismissal { id } userErrors { code } } }', { id: ids[1 - at] })));
      const won = answers.map((answer) => Boolean(answer.data?.dismissUser?.dismissal));
      equal(won.filter(Boolean).length, 1, `round ${round}: dismissals that succeeded (${JSON.stringify(answers)})`);
      survivor = won.indexOf(true);
      wins[survivor]++;
      token = tokens[survivor];
      const { hireUser } = await servers[survivor].ask(token, 'mutation($id: ID!) { hireUser(input: {userId: $id}) { user { status } userErrors { message } } }', { id: ids[1 - survivor] });
      equal(hireUser.user?.status, 'ACTIVE', 'hired back');
    }
    await Promise.all(servers.map((server) => server.stop()));
    check(database);
    cluster.stop('immediate');
    say(`duel: 100 rounds, exactly one won each (${wins.join(' to ')})`);
  },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !drills[name]);
if (unknown.length) {
  console.error(`there is no drill ${unknown.join(', ')}: there are ${Object.keys(drills).join(', ')}`);
  process.exit(2);
}
let failed = 0;
for (const name of asked.length ? asked : Object.keys(drills)) {
  try {
    await drills[name]();
  } catch (error) {
    failed++;
    console.error(`${name} FAILED: ${error.stack}`);
  }
}
process.exit(failed ? 1 : 0);
