// Where the time of the page goes: samples of the running server by what it was doing (perf), and how many instructions a
// request takes (callgrind), which hardly depends on what else the machine does.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BINARY, FOLDER, ask, load, serve, serveWith, signIn, url } from './lib.mjs';
import { PAGE } from './page.mjs';

const SECONDS = 5;

// The first line that fits one of the functions on the stack says what a sample is.
const PARTS = [
  ['who is calling', /authenticate/],
  ['the batch of departments', /departments_by_ids|loaders::departments/],
  ['statements: the kernel', /Pool::ask.*(libc_send|libc_recv|entry_SYSCALL)/],
  ['statements: sqlx', /Pool::ask/],
  ['building the statement', /SelectStatement|StatementBuilder|sea_query::/],
  ['reading rows', /from_query_result/],
  ['the objects of the page', /graphql::item::|Items<T>|Item<T>/],
  ['checking and preparing the document', /check_rules|prepare_request|execute::prepare/],
  ['the rest of the executor', /async_graphql|PeopleQuery|handover::graphql::Query|UserConnection/],
  ['HTTP: the kernel', /(hyper|tokio).*entry_SYSCALL/],
  ['HTTP', /axum|hyper|tower|over_http/],
];

const samples = (text) => text.split(/\n\n+/).map((sample) =>
  // From the outermost function to the innermost.
  sample.split('\n').slice(1).map((line) => line.trim().replace(/^[0-9a-f]+ /, '')).reverse().join(';')).filter(Boolean);

export const profile = async (database) => {
  const server = await serve(url(database));
  const token = await signIn(server);
  const body = { body: PAGE, token };
  load(`${server.address}/graphql`, { ...body, time: 2 });
  const file = join(FOLDER, 'perf.data');
  const perf = spawn('perf', ['record', '-p', server.pid, '--call-graph', 'dwarf,32768', '-F', '997', '-o', file, '--', 'sleep', SECONDS], { stdio: 'ignore' });
  const before = server.processorTime();
  const { rate } = load(`${server.address}/graphql`, { ...body, time: SECONDS });
  const each = (server.processorTime() - before) / (rate * SECONDS) * 1e6;
  await new Promise((resolve) => perf.on('exit', resolve));
  await server.stop();
  const all = samples(execFileSync('perf', ['script', '-i', file, '-F', 'comm,ip,sym'], { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] }));
  const counts = new Map(PARTS.map(([name]) => [name, 0]));
  let rest = 0;
  for (const stack of all) {
    const part = PARTS.find(([, pattern]) => pattern.test(stack));
    if (part) counts.set(part[0], counts.get(part[0]) + 1);
    else rest++;
  }
  const shares = [...counts, ['the rest', rest]].map(([name, count]) => ({ name, share: count / all.length }));
  return { shares, each, instructions: await instructions(database) };
};

// What four hundred requests add to a run: few enough to wait for, many beside what the server does by the clock.
const instructions = async (database) => {
  const collected = async (requests) => {
    const log = join(FOLDER, `callgrind-${requests}`);
    const server = await serveWith(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', `--log-file=${log}`, BINARY], url(database));
    const token = await signIn(server);
    for (let n = 0; n < requests; n++) await ask(server, token, PAGE.query);
    await server.stop();
    return Number(readFileSync(log, 'utf8').match(/Collected : (\d+)/)[1]);
  };
  return (await collected(450) - await collected(50)) / 400;
};
