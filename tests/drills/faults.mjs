// Fault-injection tests for the process, the database, the network and the pooler between them, the disk, the clock and a row.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, TASKS, equal, fill, leave, movedAll, onBoth, onPostgres, say, underLoad } from './company.mjs';
import { Patroni } from './patroni.mjs';
import { PgBouncer } from './pgbouncer.mjs';
import { installed } from './processes.mjs';
import { freePort } from './postgres.mjs';
import { Proxy } from './proxy.mjs';
import { Server, check } from './server.mjs';

const { FOLDER } = process.env;

// The server is killed twenty times at random during one handover.
export const kill = () => onBoth('kill', async (database, name) => {
  let server = await Server.start(database, { flags: ['--chunk', '500'] });
  const { port } = server;
  const handover = await leave(server, await server.signIn(ADMIN));
  let rounds = 0;
  for (; rounds < 20; rounds++) {
    await sleep(20 + Math.random() * 150);
    await server.stop('SIGKILL');
    server = await Server.start(database, { port, flags: ['--chunk', '500'] });
    if (rounds % 5 === 4) await sleep(16_000); // until the lease expires
  }
  movedAll(await server.over(await server.signIn(ADMIN), handover));
  await server.stop();
  check(database);
  say(`kill, ${name}: killed ${rounds} times, ${TASKS} items moved once each`);
});

// PostgreSQL crashes under load three times and restarts.
export const restart = () => onPostgres('restart', async (database, cluster) => {
  const work = await underLoad(database, async () => {
    for (let round = 0; round < 3; round++) {
      await sleep(400);
      cluster.stop('immediate');
      await sleep(500);
      cluster.start();
    }
  });
  say(`restart, PostgreSQL: 3 times, ${work.told()}`);
});

// The network between the server and PostgreSQL is down for ten seconds.
export const cut = () => onPostgres('cut', async (database, cluster) => {
  const proxy = await Proxy.to(cluster.port);
  const work = await underLoad(`postgres://postgres@127.0.0.1:${proxy.port}/drill`, async ({ server }) => {
    await sleep(500);
    proxy.target = null;
    proxy.cut();
    const since = Date.now();
    const ready = (await fetch(`${server.address}/readyz`)).status;
    equal(ready, 503, 'ready without a database');
    await sleep(10_000 - (Date.now() - since));
    proxy.target = cluster.port;
  }, { proof: () => database });
  proxy.close();
  say(`cut, PostgreSQL: 10 s, ${work.told()}`);
});

// The database accepts connections and answers nothing: metrics are still served, in time and without old values.
export const metrics = () => onPostgres('metrics', async (_, cluster) => {
  const [proxy, port] = [await Proxy.to(cluster.port), await freePort()];
  const server = await Server.start(`postgres://postgres@127.0.0.1:${proxy.port}/drill`, { flags: ['--metrics-listen', `127.0.0.1:${port}`] });
  const scrape = async () => {
    const since = performance.now();
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return { due: text.match(/^handover_outbox_due (.*)$/m)[1], took: performance.now() - since };
  };
  equal((await scrape()).due, '0', 'messages due');
  const statements = () => Number(cluster.sql("SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_user_tables WHERE relname = 'outbox_messages'"));
  await sleep(1_000);
  const before = statements();
  for (let n = 0; n < 200; n++) await scrape();
  await sleep(1_000);
  // The worker polls too.
  if (statements() - before > 40) throw new Error(`${statements() - before} scans for 200 scrapes`);
  proxy.silence();
  await sleep(5_000);
  const scrapes = await Promise.all(Array.from({ length: 20 }, scrape));
  scrapes.forEach(({ due }) => equal(due, 'NaN', 'messages due without an answer'));
  const slowest = Math.max(...scrapes.map(({ took }) => took));
  if (slowest > 4_000) throw new Error(`a scrape took ${slowest} ms`);
  proxy.speak();
  await sleep(6_000);
  equal((await scrape()).due, '0', 'messages due afterwards');
  await server.stop();
  proxy.close();
  say(`metrics: 20 scrapes without an answer of the database within ${slowest.toFixed(0)} ms; 200 scrapes before were not as many queries`);
}, { empty: true });

// PgBouncer between the server and PostgreSQL is killed and restarted during a handover.
export const pooler = async () => {
  if (!installed('pgbouncer')) return say('pooler: skipped, pgbouncer is not installed');
  await onPostgres('pooler', async (_, cluster) => {
    const bouncer = await PgBouncer.make(cluster);
    let before;
    let away;
    const work = await underLoad(bouncer.url(), async ({ server, token, handover, work }) => {
      await sleep(1_500);
      equal((await server.handover(token, handover)).state, 'RUNNING', 'before the kill');
      equal(work.refused.length, 0, 'writes refused before the fault');
      before = work.acknowledged.length;
      await bouncer.kill();
      await sleep(1_000);
      await bouncer.start();
      away = await work.goesOn();
    });
    await bouncer.kill();
    say(`pooler, ${bouncer.version}, session mode: ${before} writes before the kill, none refused; restarted after 1 s, `
      + `writes resumed ${away} s later; ${work.told()}`);
  });
};

// The disk fills up during a handover and is freed again.
export const full = async () => {
  const disk = join(FOLDER, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return say('full: skipped, no permission to mount a tmpfs');
  }
  const drill = async (database, name, cluster) => {
    let before;
    const work = await underLoad(database, async ({ work }) => {
      await sleep(300);
      const ballast = join(disk, 'ballast');
      try { execFileSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'], { stdio: 'ignore' }); } catch { /* disk full, as intended */ }
      await sleep(5_000);
      before = work.refused.length;
      rmSync(ballast);
      // PostgreSQL stops when it can't write its WAL; a supervisor would restart it.
      if (cluster) { try { cluster.sql('SELECT 1'); } catch { cluster.stop('immediate'); cluster.start(); } }
    });
    say(`full, ${name}: ${work.acknowledged.length} acknowledged writes found, ${before} refused while the disk was full`);
  };
  try {
    const file = join(disk, 'full.db');
    await drill(fill(`sqlite://${file}?mode=rwc`), 'SQLite');
    rmSync(file);
    await onPostgres('full', (database, cluster) => drill(database, 'PostgreSQL', cluster), { folder: join(disk, 'postgres') });
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
};

// The server's clock jumps an hour forward and back.
export const clock = async () => {
  const library = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`).find(existsSync);
  if (!library) return say('clock: skipped, faketime is not installed');
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
      // A token issued in another hour is invalid.
      token = await server.signIn(ADMIN);
    }
    movedAll(await server.over(token, handover));
    await server.stop();
    check(database);
    say(`clock, ${name}: an hour forward, an hour back, right again; every item moved once`);
  });
};

// The database refuses to update one item: it alone stays, is reported as FAILED, and moves on retry.
export const poison = () => onBoth('poison', async (database, name, sql) => {
  if (!sql) return say(`poison, ${name}: skipped, sqlite3 is not installed`);
  const title = `Task ${TASKS / 2}`;
  const trigger = 'CREATE TRIGGER poison BEFORE UPDATE ON tasks';
  sql(name === 'SQLite'
    ? `${trigger} WHEN OLD.title = '${title}' BEGIN SELECT RAISE(ABORT, 'poison'); END;`
    : `CREATE FUNCTION poison() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$ LANGUAGE plpgsql;
       ${trigger} FOR EACH ROW WHEN (OLD.title = '${title}') EXECUTE FUNCTION poison()`);
  let meanwhile;
  // With the default chunk size: the larger the chunks, the longer the search for the item.
  const work = await underLoad(database, async ({ server, token, handover, work }) => {
    const { state, moved, failed } = await server.over(token, handover);
    meanwhile = work.acknowledged.length;
    equal(`${state}, ${moved} moved, ${failed} failed`, `PARTIAL, ${TASKS - 1} moved, 1 failed`, 'the handover');
    const { node } = await server.ask(token, `query($id: ID!) { node(id: $id) { ... on Handover {
      entries(outcome: FAILED) { nodes { reason subject { ... on Task { title } } } } } } }`, { id: handover });
    equal(JSON.stringify(node.entries.nodes), JSON.stringify([{ reason: 'REFUSED_BY_DATABASE', subject: { title } }]), 'the ledger');
    check(database);
    sql(`DROP TRIGGER poison ${name === 'SQLite' ? '' : 'ON tasks'}`);
    const { retryHandover } = await server.ask(token,
      'mutation($id: ID!) { retryHandover(input: {handoverId: $id}) { userErrors { message } } }', { id: handover });
    equal(JSON.stringify(retryHandover.userErrors), '[]', 'refusals');
  }, { flags: [] });
  if (!meanwhile) throw new Error('no concurrent writes succeeded');
  equal(work.refused.length, 0, 'writes refused');
  say(`poison, ${name}: ${TASKS - 1} moved and 1 failed during ${meanwhile} concurrent writes; it moved on retry; ` + work.told());
});

// The machine of the primary fails under load, and Patroni promotes another node.
export const failover = async () => {
  if (!installed('patroni', 'etcd')) return say('failover: skipped, patroni or etcd is not installed');
  const patroni = await Patroni.make();
  fill(patroni.direct());
  let away;
  const work = await underLoad(patroni.url(), async ({ work }) => {
    await sleep(300);
    const killed = await patroni.kill();
    away = await work.goesOn();
    if (await patroni.primary(60) === killed) throw new Error('the killed node is still the primary');
  }, { proof: () => patroni.direct() });
  patroni.stop();
  say(`failover, Patroni: writes resumed ${away} s after the kill; ${work.told()}`);
};
