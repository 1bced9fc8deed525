// PostgreSQL servers of the drills' own.
import { execFileSync } from 'node:child_process';
import { mkdirSync, appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const { FOLDER, PG_BIN } = process.env;
const root = process.getuid() === 0;
const clusters = new Set();
process.on('exit', () => clusters.forEach((cluster) => cluster.stop('immediate')));

// PostgreSQL refuses to run as root.
const asOwner = (program, args) => {
  const [file, all] = root ? ['runuser', ['-u', 'postgres', '--', join(PG_BIN, program), ...args]] : [join(PG_BIN, program), args];
  return execFileSync(file, all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
};

export const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

export class Cluster {
  constructor(name, port, folder) {
    Object.assign(this, { port, data: join(folder, 'data'), log: join(folder, 'log'), folder });
    this.url = (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`;
  }

  static async make(name, { folder = join(FOLDER, name) } = {}) {
    mkdirSync(folder, { recursive: true });
    if (root) execFileSync('chown', ['postgres', folder]);
    const cluster = new Cluster(name, await freePort(), folder);
    asOwner('initdb', ['--pgdata', cluster.data, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync']);
    appendFileSync(join(cluster.data, 'postgresql.conf'), `port = ${cluster.port}\nunix_socket_directories = '${folder}'\n`
      + "listen_addresses = '127.0.0.1'\nmax_connections = 200\nwal_level = replica\nmax_wal_senders = 5\n");
    cluster.start();
    return cluster;
  }

  // A streaming replica of this one.
  async replica(name) {
    const folder = join(FOLDER, name);
    mkdirSync(folder, { recursive: true });
    if (root) execFileSync('chown', ['postgres', folder]);
    const replica = new Cluster(name, await freePort(), folder);
    asOwner('pg_basebackup', ['-d', this.url(), '-D', replica.data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync']);
    appendFileSync(join(replica.data, 'postgresql.conf'), `port = ${replica.port}\nunix_socket_directories = '${folder}'\n`);
    replica.start();
    return replica;
  }

  start() {
    asOwner('pg_ctl', ['--pgdata', this.data, '--wait', '--log', this.log, 'start']);
    clusters.add(this);
  }

  stop(mode = 'fast') {
    if (!clusters.delete(this)) return;
    asOwner('pg_ctl', ['--pgdata', this.data, '--mode', mode, '--wait', 'stop']);
  }

  sql(database, text) {
    return execFileSync(join(PG_BIN, 'psql'), ['-XqAt', '-v', 'ON_ERROR_STOP=1', this.url(database)],
      { input: text, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }).trim();
  }
}
