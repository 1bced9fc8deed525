// Temporary PostgreSQL servers, each with a database `drill`.
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { asPostgres, folderOfPostgres } from './processes.mjs';

const { FOLDER, PG_BIN } = process.env;
const clusters = new Set();
process.on('exit', () => clusters.forEach((cluster) => cluster.stop('immediate')));

const run = (program, args) =>
  execFileSync(...asPostgres(join(PG_BIN, program), args), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });

export const psql = (url, text) =>
  execFileSync(join(PG_BIN, 'psql'), ['-XqAt', '-v', 'ON_ERROR_STOP=1', url],
    { input: text, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }).trim();

export const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

export class Cluster {
  constructor(port, folder) {
    Object.assign(this, { port, folder: folderOfPostgres(folder), data: join(folder, 'data'), log: join(folder, 'log') });
  }

  static async make(name, { folder = join(FOLDER, name) } = {}) {
    const cluster = new Cluster(await freePort(), folder);
    run('initdb', ['--pgdata', cluster.data, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync']);
    cluster.set("listen_addresses = '127.0.0.1'\nmax_connections = 200\nwal_level = replica\nmax_wal_senders = 5\n"
      + 'track_commit_timestamp = on\n');
    cluster.start();
    psql(cluster.url('postgres'), 'CREATE DATABASE drill');
    return cluster;
  }

  // Creates a streaming replica.
  async replica(name) {
    const replica = new Cluster(await freePort(), join(FOLDER, name));
    run('pg_basebackup', ['-d', this.url(), '-D', replica.data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync']);
    replica.set('');
    replica.start();
    return replica;
  }

  set(options) {
    appendFileSync(join(this.data, 'postgresql.conf'), `port = ${this.port}\nunix_socket_directories = '${this.folder}'\n${options}`);
  }

  start() {
    run('pg_ctl', ['--pgdata', this.data, '--wait', '--log', this.log, 'start']);
    clusters.add(this);
  }

  stop(mode = 'fast') {
    if (!clusters.delete(this)) return;
    try {
      run('pg_ctl', ['--pgdata', this.data, '--mode', mode, '--wait', 'stop']);
    } catch { /* already stopped, on a full disk for instance */ }
  }

  url(database = 'drill') {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  sql(text) {
    return psql(this.url(), text);
  }
}
