// Shared helpers: processes, requests, load, statistics.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const { BINARY, PLAIN, POSTGRES, PG_BIN, FOLDER } = process.env;
export const SECRET = 'a secret of the benchmark, known to nobody else';
export const PASSWORD = 'correct horse battery staple';
export const ADMIN = 'admin@bench.example';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};
export const percentile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};
export const seconds = (since) => (performance.now() - since) / 1000;

export const run = (program, args, options = {}) =>
  execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'], ...options });

// Runs a command; returns its seconds and its peak memory in MiB, as reported by GNU time.
export const timed = (program, args, options = {}) => {
  const file = join(FOLDER, 'time');
  const started = performance.now();
  const { status, stdout } = spawnSync('/usr/bin/time', ['-f', '%M', '-o', file, program, ...args], {
    encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'], ...options,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${status}`);
  return { seconds: seconds(started), memory: Number(readFileSync(file, 'utf8').trim().split('\n').at(-1)) / 1024, stdout };
};

// Databases of the temporary PostgreSQL.
export const url = (database) => `${POSTGRES}/${database}`;
export const psql = (database, sql) =>
  run(join(PG_BIN, 'psql'), ['-XqAt', '-v', 'ON_ERROR_STOP=1', url(database)], { input: sql }).trim();
export const createDatabase = (name, template) => {
  psql('postgres', `DROP DATABASE IF EXISTS ${name}`);
  psql('postgres', `CREATE DATABASE ${name}${template ? ` TEMPLATE ${template}` : ''}`);
};

// Deletes a SQLite file with its WAL and shared memory files.
export const forget = (file) => ['', '-wal', '-shm'].forEach((end) => rmSync(file + end, { force: true }));

let nextPort = 21_000 + Math.floor(Math.random() * 1_000);

// Starts a server and waits until it listens.
export const start = async (program, args, env = {}) => {
  const port = nextPort++;
  const started = performance.now();
  const child = spawn(program, args.map((arg) => arg.replace('PORT', port)), {
    env: { ...process.env, NODE_ENV: 'production', JWT_SECRET: SECRET, PORT: port, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  let ended = false;
  child.on('exit', () => { ended = true; running.delete(child); });
  for (;;) {
    if (ended) throw new Error(`${program} ${args.join(' ')} ended`);
    try {
      await fetch(`http://127.0.0.1:${port}/livez`);
      break;
    } catch { await sleep(5); }
  }
  const status = () => readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const memory = (name) => Number(status().match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024;
  return {
    port,
    pid: child.pid,
    // CPU time in seconds, user and system.
    processorTime: () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ').slice(13, 15).reduce((sum, ticks) => sum + ticks / 100, 0),
    ready: seconds(started),
    address: `http://127.0.0.1:${port}`,
    memory: () => memory('VmRSS'),
    peak: () => memory('VmHWM'),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      while (!ended) await sleep(10);
    },
  };
};

// Starts the server, optionally under a wrapper such as valgrind.
export const serveWith = ([program, ...args], database) =>
  start(program, [...args, 'serve', '--listen', '127.0.0.1:PORT', '--rate-limit', '0', '--database-url', database,
    '--blob-url', `file://${FOLDER}/blobs`], { RUST_LOG: 'error' });
export const serve = (database) => serveWith([BINARY], database);

export const administrator = (database) =>
  run(BINARY, ['user', 'create', ADMIN, '--role', 'administrator', '--password-stdin', '--database-url', database],
    { input: PASSWORD });

// Sends a request; throws on any error.
export const ask = async (server, token, query, variables) => {
  const response = await fetch(`${server.address}/graphql`, {
    method: 'POST',
    // Without compression, like `load`.
    headers: { 'content-type': 'application/json', 'accept-encoding': 'identity', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
};
export const signIn = async (server, email = ADMIN) => {
  const { signIn: answer } = await ask(server, null,
    'mutation($email: String!, $password: String!) { signIn(input: {email: $email, password: $password}) { accessToken userErrors { message } } }',
    { email, password: PASSWORD });
  if (!answer.accessToken) throw new Error(answer.userErrors[0].message);
  return answer.accessToken;
};

// Load-tests a server with one request over several connections, for some seconds.
export const load = (address, { body, token, connections = 16, time = 5 }) => {
  const script = join(FOLDER, 'wrk.lua');
  const header = (name, value) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}\n`;
  writeFileSync(script, (body ? `wrk.method = "POST"\nwrk.body = ${JSON.stringify(JSON.stringify(body))}\n` : '') +
    header('content-type', 'application/json') + (token ? header('authorization', `Bearer ${token}`) : ''));
  const text = run('wrk', ['-t1', `-c${connections}`, `-d${time}s`, '--latency', '-s', script, address]);
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(text);
  const latency = (share) => {
    const [, value, unit] = text.match(new RegExp(`${share}%\\s+([\\d.]+)(us|ms|s)`));
    return value * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  return { rate: Number(text.match(/Requests\/sec:\s+([\d.]+)/)[1]), p50: latency(50), p99: latency(99) };
};
