// PgBouncer in session mode in front of a cluster.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, psql } from './postgres.mjs';
import { asPostgres, begin } from './processes.mjs';

const { FOLDER } = process.env;

export class PgBouncer {
  static async make(cluster) {
    const pooler = new PgBouncer();
    pooler.version = execFileSync('pgbouncer', ['--version'], { encoding: 'utf8' }).split('\n')[0];
    pooler.file = join(FOLDER, 'pgbouncer.ini');
    pooler.port = await freePort();
    // A server process opens up to 24 connections, and `handover check` some more.
    writeFileSync(pooler.file, `[databases]
drill = host=127.0.0.1 port=${cluster.port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${pooler.port}
unix_socket_dir =
auth_type = any
pool_mode = session
default_pool_size = 60
ignore_startup_parameters = extra_float_digits
`);
    await pooler.start();
    return pooler;
  }

  async start() {
    this.child = begin(join(FOLDER, 'pgbouncer.log'), asPostgres('pgbouncer', [this.file]), { cwd: '/' });
    for (const until = Date.now() + 10_000; ; await sleep(50)) {
      try {
        return psql(this.url(), 'SELECT 1');
      } catch (error) {
        if (Date.now() > until) throw error;
      }
    }
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.child.ended;
  }

  url() {
    return `postgres://postgres@127.0.0.1:${this.port}/drill`;
  }
}
