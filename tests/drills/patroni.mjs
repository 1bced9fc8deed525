// Three PostgreSQL nodes under Patroni and etcd on the loopback, with one address for the primary, as HAProxy would
// provide.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, psql } from './postgres.mjs';
import { asPostgres, begin, folderOfPostgres } from './processes.mjs';
import { Proxy } from './proxy.mjs';

const { FOLDER, PG_BIN } = process.env;

const start = (name, command) => begin(join(FOLDER, `${name}.log`), command, { cwd: '/' });

export class Patroni {
  static async make() {
    const patroni = new Patroni();
    patroni.nodes = [];
    const [client, peer] = [await freePort(), await freePort()];
    patroni.etcd = start('etcd', ['etcd', ['--data-dir', join(FOLDER, 'etcd'), '--listen-client-urls', `http://127.0.0.1:${client}`,
      '--advertise-client-urls', `http://127.0.0.1:${client}`, '--listen-peer-urls', `http://127.0.0.1:${peer}`,
      '--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`, '--initial-cluster', `default=http://127.0.0.1:${peer}`]]);
    process.on('exit', () => patroni.stop());
    await sleep(1_500);
    for (const name of ['n1', 'n2', 'n3']) {
      const [port, rest] = [await freePort(), await freePort()];
      const folder = folderOfPostgres(join(FOLDER, `patroni-${name}`));
      const data = join(folder, 'data');
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
          listen: `127.0.0.1:${port}`, connect_address: `127.0.0.1:${port}`, data_dir: data, bin_dir: PG_BIN, pgpass: join(folder, 'pgpass'),
          authentication: { superuser: { username: 'postgres', password: 'p' }, replication: { username: 'replicator', password: 'p' } },
          parameters: { unix_socket_directories: folder },
        },
      }));
      patroni.nodes.push({ name, port, rest, process: start(name, asPostgres('patroni', [file])), data });
      if (name === 'n1') await patroni.primary(60);
    }
    for (const until = Date.now() + 60_000; Date.now() < until; await sleep(500)) {
      const cluster = await patroni.cluster();
      if (cluster?.members.filter(({ state }) => ['running', 'streaming'].includes(state)).length === 3
        && cluster.members.some(({ role }) => role === 'sync_standby')) break;
    }
    await patroni.lead();
    psql(patroni.direct('postgres'), 'CREATE DATABASE drill');
    return patroni;
  }

  async cluster() {
    for (const { rest } of this.nodes) {
      try { return await (await fetch(`http://127.0.0.1:${rest}/cluster`)).json(); } catch { /* down: ask the next one */ }
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
    throw new Error('no primary');
  }

  // Routes to the current primary; connections to the previous one are cut.
  async lead() {
    this.proxy = await Proxy.to((await this.primary(10)).port);
    this.watch = setInterval(async () => {
      const port = (await this.find())?.port;
      if (port === this.proxy.target) return;
      this.proxy.target = port;
      this.proxy.cut();
    }, 500);
  }

  url(database = 'drill') {
    return `postgres://postgres:p@127.0.0.1:${this.proxy.port}/${database}`;
  }

  // Bypasses the proxy, which runs in this process and would block during synchronous commands.
  direct(database = 'drill') {
    return `postgres://postgres:p@127.0.0.1:${this.proxy.target}/${database}`;
  }

  // Simulates the loss of the primary's machine: kills Patroni and its PostgreSQL.
  async kill() {
    const node = await this.primary(10);
    this.end(node);
    return node;
  }

  // PostgreSQL outlives the Patroni that started it. The pid file is removed, as the pid may be reused.
  end(node) {
    node.process.kill('SIGKILL');
    const file = join(node.data, 'postmaster.pid');
    try {
      process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGKILL');
      rmSync(file);
    } catch { /* not running */ }
  }

  stop() {
    clearInterval(this.watch);
    this.proxy?.close();
    this.nodes.forEach((node) => this.end(node));
    this.etcd.kill('SIGKILL');
  }
}
