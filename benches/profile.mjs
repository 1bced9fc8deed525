// Where the time of the page is spent: stack samples of the running server (perf), and the number of instructions per
// request (callgrind), which hardly depends on the load of the machine.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BINARY, FOLDER, ask, load, serve, serveWith, signIn, url } from './lib.mjs';
import { PAGE } from './page.mjs';

const SECONDS = 5;

// A sample belongs to the first part whose pattern matches its stack.
const PARTS = [
  ['authentication', /authenticate/],
  ['batch of departments', /departments_by_ids|loaders::departments/],
  ['statements: kernel', /Pool::ask.*(libc_send|libc_recv|entry_SYSCALL)/],
  ['statements: sqlx', /Pool::ask/],
  ['building the statement', /SelectStatement|StatementBuilder|sea_query::/],
  ['reading rows', /from_query_result/],
  ['serializing the objects', /graphql::item::|Items<T>|Item<T>/],
  ['validating and preparing the document', /check_rules|prepare_request|execute::prepare/],
  ['rest of the executor', /async_graphql|PeopleQuery|handover::graphql::Query|UserConnection/],
  ['HTTP: kernel', /(hyper|tokio).*entry_SYSCALL/],
  ['HTTP', /axum|hyper|tower|over_http/],
];

const samples = (text) => text.split(/\n\n+/).map((sample) =>
  // Outermost function first.
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
  const shares = [...counts, ['other', rest]].map(([name, count]) => ({ name, share: count / all.length }));
  return { shares, each, instructions: await instructions(database) };
};

// Instructions per request, as the difference between runs of 450 and 50 requests: enough to outweigh periodic work.
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
