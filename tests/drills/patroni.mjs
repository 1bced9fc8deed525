// Three PostgreSQL nodes that Patroni runs, with etcd, on the loopback; and an address that leads to the primary, as HAProxy
// would give one.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './postgres.mjs';

const { FOLDER, PG_BIN } = process.env;
const root = process.getuid() === 0;
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

const start = (name, program, args) => {
  const log = openSync(join(FOLDER, `${name}.log`), 'a');
  const [file, all] = root && program === 'patroni' ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', program, ...args]] : [program, args];
  const child = spawn(file, all, { stdio: ['ignore', log, log], cwd: '/' });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
};

export const available = () => {
  try {
    execFileSync('patroni', ['--version'], { stdio: 'ignore' });
    execFileSync('etcd', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

export class Patroni {
  static async make() {
    const patroni = new Patroni();
    const [client, peer] = [await freePort(), await freePort()];
    start('etcd', 'etcd', ['--data-dir', join(FOLDER, 'etcd'), '--listen-client-urls', `http://127.0.0.1:${client}`,
      '--advertise-client-urls', `http://127.0.0.1:${client}`, '--listen-peer-urls', `http://127.0.0.1:${peer}`,
      '--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`, '--initial-cluster', `default=http://127.0.0.1:${peer}`]);
    await sleep(1_500);
    patroni.nodes = [];
    for (const name of ['n1', 'n2', 'n3']) {
      const [port, rest] = [await freePort(), await freePort()];
      const folder = join(FOLDER, `patroni-${name}`);
      mkdirSync(folder);
      if (root) execFileSync('chown', ['postgres', folder]);
      const file = join(FOLDER, `${name}.yml`);
      writeFileSync(file, JSON.stringify({
        scope: 'drill', name,
        restapi: { listen: `127.0.0.1:${rest}`, connect_address: `127.0.0.1:${rest}` },
        etcd3: { hosts: `127.0.0.1:${client}` },
        bootstrap: {
          dcs: { ttl: 20, loop_wait: 2, retry_timeout: 4, synchronous_mode: true,
            postgresql: { use_pg_rewind: true, parameters: { max_connections: 200 } } },
          initdb: [{ encoding: 'UTF8' }],
          pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
        },
        postgresql: {
          listen: `127.0.0.1:${port}`, connect_address: `127.0.0.1:${port}`, data_dir: join(folder, 'data'), bin_dir: PG_BIN, pgpass: join(folder, 'pgpass'),
          authentication: { superuser: { username: 'postgres', password: 'p' }, replication: { username: 'replicator', password: 'p' } },
          parameters: { unix_socket_directories: folder },
        },
      }));
      patroni.nodes.push({ name, port, rest, process: start(name, 'patroni', [file]) });
      if (name === 'n1') await patroni.primary(60);
    }
    for (const until = Date.now() + 60_000; Date.now() < until; await sleep(500)) {
      const cluster = await patroni.cluster();
      if (cluster?.members.filter(({ state }) => ['running', 'streaming'].includes(state)).length === 3
        && cluster.members.some(({ role }) => role === 'sync_standby')) break;
    }
    await patroni.lead();
    return patroni;
  }

  async cluster() {
    for (const { rest } of this.nodes) {
      try { return await (await fetch(`http://127.0.0.1:${rest}/cluster`)).json(); } catch { /* this one is down: the next one knows */ }
    }
    return null;
  }

  async find() {
    for (const node of this.nodes) {
      try { if ((await fetch(`http://127.0.0.1:${node.rest}/primary`)).ok) return node; } catch { /* down */ }
    }
    return null;
  }

  async primary(patience) {
    for (const until = Date.now() + patience * 1000; Date.now() < until; await sleep(200)) {
      const node = await this.find();
      if (node) return node;
    }
    throw new Error('there is no primary');
  }

  // The address of whoever is the primary; connections to another one are cut.
  async lead() {
    this.target = await this.primary(10);
    const sockets = new Set();
    this.watch = setInterval(async () => {
      const node = await this.find();
      if (node === this.target) return;
      this.target = node;
      sockets.forEach((socket) => socket.destroy());
    }, 500);
    this.proxy = createServer((client) => {
      if (!this.target) return client.destroy();
      const upstream = createConnection(this.target.port, '127.0.0.1');
      for (const [one, other] of [[client, upstream], [upstream, client]]) {
        sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => { sockets.delete(one); other.destroy(); });
        one.pipe(other);
      }
    });
    this.port = await freePort();
    await new Promise((resolve) => this.proxy.listen(this.port, '127.0.0.1', resolve));
  }

  url(database) {
    return `postgres://postgres:p@127.0.0.1:${this.port}/${database}`;
  }

  // Past that address, for commands that are waited for: it is this process that would have to pass them on.
  direct(database) {
    return `postgres://postgres:p@127.0.0.1:${this.target.port}/${database}`;
  }

  sql(database, text) {
    return execFileSync(join(PG_BIN, 'psql'), ['-XqAt', '-v', 'ON_ERROR_STOP=1', this.direct(database)], { input: text, encoding: 'utf8' }).trim();
  }

  // The machine of the primary is gone: Patroni and its PostgreSQL together.
  async kill() {
    const node = await this.primary(10);
    node.process.kill('SIGKILL');
    try { execFileSync('pkill', ['-9', '-f', join(FOLDER, `patroni-${node.name}`)]); } catch { /* nothing was left */ }
    return node;
  }

  stop() {
    clearInterval(this.watch);
    this.proxy.close();
    children.forEach((child) => child.kill('SIGKILL'));
    try { execFileSync('pkill', ['-9', '-f', join(FOLDER, 'patroni-')]); } catch { /* nothing was left */ }
  }
}
