// Runs the requested benchmarks, or all, and writes benches/RESULTS.md.
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BINARY, FOLDER, administrator, createDatabase, forget, median, psql, run, timed, url } from './lib.mjs';
import { page } from './page.mjs';
import * as handover from './handover.mjs';
import * as lists from './lists.mjs';
import * as directory from './directory.mjs';
import * as webhooks from './webhooks.mjs';
import { durable } from './durable.mjs';
import { profile } from './profile.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, data: { type: 'string' },
    company: { type: 'string', default: '300000' }, synchronised: { type: 'string', default: '5000' } },
});
const PARTS = ['page', 'lists', 'handover', 'import', 'durable', 'directory', 'webhooks'];
// Only run by name: it needs perf and valgrind.
const MORE = ['profile'];
const unknown = positionals.filter((part) => ![...PARTS, ...MORE].includes(part));
if (unknown.length) {
  console.error(`unknown part ${unknown.join(', ')}; available: ${[...PARTS, ...MORE].join(', ')}`);
  process.exit(2);
}
const rounds = Number(values.rounds);
const parts = positionals.length ? positionals : PARTS;

const here = (name) => new URL(name, import.meta.url).pathname;
const say = (text) => console.log(text);
const data = (name, ...options) => {
  const folder = join(FOLDER, name);
  if (!existsSync(folder)) run('node', [here('data.mjs'), folder, ...options]);
  return folder;
};
const load = (folder, database) => timed(BINARY, ['import', folder, '--database-url', database]);
const fill = (name, folder) => {
  createDatabase(name);
  run(BINARY, ['migrate', 'up', '--database-url', url(name)]);
  load(folder, url(name));
  administrator(url(name));
  psql(name, 'VACUUM ANALYZE');
  return name;
};
const people = (count) => values.data && count === 300_000 ? values.data : data(`people-${count}`, '--people', String(count));

const medians = `medians of ${rounds} interleaved rounds`;
const sections = [];
const table = (title, header, rows, how = medians) => {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const measured = `Measured on ${new Date().toISOString().slice(0, 10)}; ${how}.`;
  const text = [`## ${title}`, '', measured, '', line(header), line(header.map(() => '---')), ...rows.map(line), ''].join('\n');
  say(`\n${text}`);
  sections.push(text);
};
const number = (value, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
const times = (value) => `${value.toFixed(2)} ×`;

if (['page', 'lists', 'profile'].some((part) => parts.includes(part))) fill('people', people(300_000));

if (parts.includes('page')) {
  const { summary, peak } = await page('people', rounds);
  table(`A page of 50 dismissed people with their departments, as administrator, of 300,000 (16 connections)`,
    ['', 'requests/s', 'p50, ms', 'p99, ms', 'speedup of this server'],
    summary.map(({ name, rate, p50, p99 }) => [name, number(rate), number(p50, 1), Number.isNaN(p99) ? '' : number(p99, 1),
      name === 'this server' ? '' : times(summary[0].rate / rate)]));
  say(`memory: ${number(peak)} MiB`);
}

if (parts.includes('lists')) {
  const far = await lists.farPage('people', rounds);
  const sizes = [30_000, 300_000, 3_000_000];
  fill('people_30k', people(30_000));
  fill('people_3m', people(3_000_000));
  const p50 = await lists.sizes(['people_30k', 'people', 'people_3m'], rounds);
  const work = fill('work', data('work', '--people', '10000', '--tree', '--records', '1000000', '--tasks', '100000'));
  const one = await lists.work(work, rounds);
  const { ready, idle, loaded } = await lists.resources('people');
  table('Lists', ['', 'measured', 'target'], [
    ['page after 50,000 people, requests/s relative to the first', times(far.far / far.first), '≥ 0.9'],
    ...sizes.map((size, at) => [`page of ${number(size)} people, p50 of one connection`, `${number(p50[at], 2)} ms`,
      at ? `≤ 1.3 × ${number(p50[0], 2)} ms` : '']),
    ['`User.work` of 100,000 items, p50', `${number(one.inventory, 1)} ms`, '< 20 ms'],
    ['`crmItems` under DEPARTMENT_TREE, 1,000,000 records, p50', `${number(one.list, 1)} ms`, '< 20 ms'],
    ['startup on an existing database', `${number(ready, 2)} s`, '< 0.5 s'],
    ['memory, idle', `${number(idle)} MiB`, '< 40 MB'],
    ['memory after 64 connections for 10 s', `${number(loaded)} MiB`, '< 200 MB'],
  ]);
}

if (parts.includes('profile')) {
  const { shares, each, instructions } = await profile('people');
  table('Where the server process spends its time on the page', ['', 'share', 'µs per request'], [
    ...shares.map(({ name, share }) => [name, `${number(share * 100, 1)} %`, number(share * each)]),
    ['total', '', number(each)],
    ['instructions (callgrind)', '', number(instructions)],
  ], 'once, for 5 s; sampling by perf makes it slower');
}

if (parts.includes('handover')) {
  const results = [];
  for (const count of [10_000, 1_000_000]) {
    const folder = data(`leaver-${count}`, '--people', '1000', '--tasks', String(count));
    fill('leaver', folder);
    results.push(['PostgreSQL', count, await handover.onPostgres('leaver', rounds)]);
    const file = join(FOLDER, `leaver-${count}.db`);
    load(folder, `sqlite://${file}?mode=rwc`);
    administrator(`sqlite://${file}`);
    run('sqlite3', [file], { input: 'PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;' });
    results.push(['SQLite', count, await handover.onSqlite(file, rounds)]);
  }
  table('A handover of all tasks of one person', ['', 'tasks', '`dismissUser` answered', 'moved after', 'two plain statements', 'ratio',
    'per item', 'concurrent writes, p99', 'progress', 'memory'],
  results.map(([name, count, one]) => [name, number(count), `${number(one.answered * 1000)} ms`, `${number(one.took, 1)} s`,
    `${number(one.raw, 1)} s`, times(one.took / one.raw), `${number(one.took / count * 1e6, 1)} µs`, `${number(one.wait)} ms`,
    `${number(one.steps, 1)}/s`, `${number(one.memory)} MiB`]));
}

if (parts.includes('import')) {
  const rows = [];
  const folders = [['300,000 people', people(300_000), '< 60 s'],
    ['1,000,000 CRM records of 10,000 people', data('records', '--people', '10000', '--records', '1000000'), '< 120 s']];
  const onPostgres = (folder) => {
    createDatabase('imported');
    return load(folder, url('imported'));
  };
  const onSqlite = (folder) => {
    const file = join(FOLDER, 'imported.db');
    forget(file);
    return load(folder, `sqlite://${file}?mode=rwc`);
  };
  for (const [what, folder, bar] of folders) {
    const measured = [['PostgreSQL', onPostgres, []], ['SQLite', onSqlite, []]];
    for (let round = 0; round < rounds; round++) for (const [, on, all] of measured) all.push(on(folder));
    for (const [name, , all] of measured) {
      const middle = (what) => median(all.map((one) => one[what]));
      rows.push([what, name, `${number(middle('seconds'), 1)} s`, bar, `${number(middle('memory'))} MiB`]);
    }
  }
  table('Import', ['', '', 'took', 'target', 'peak memory'], rows);
}

if (parts.includes('durable')) {
  const tasks = 100_000;
  const { normal, full } = await durable({
    leaver: data(`leaver-${tasks}`, '--people', '1000', '--tasks', String(tasks)), people: people(300_000), rounds, load,
  });
  const row = (what, name, unit, digits) =>
    [what, `${number(normal[name], digits)} ${unit}`, `${number(full[name], digits)} ${unit}`, times(full[name] / normal[name])];
  table('The cost of durable commits: SQLite', ['', 'synchronous=NORMAL', 'synchronous=FULL (default)', 'ratio'], [
    row('`dismissUser`, sequential, p50', 'dismissal', 'ms', 1),
    row('the same, p99', 'dismissalP99', 'ms', 1),
    row('`signIn`, sequential, p50', 'signIn', 'ms', 1),
    row(`a handover of ${number(tasks)} tasks`, 'handover', 's', 2),
    row('an import of 300,000 people', 'import', 's', 1),
  ]);
}

if (parts.includes('directory')) {
  const rows = [];
  const [company, synchronised] = [Number(values.company), Number(values.synchronised)];
  const file = join(FOLDER, 'directory.db');
  const many = join(FOLDER, 'directory-people.db');
  for (const address of [file, many]) forget(address);
  createDatabase('directory');
  fill('directory_people', people(company));
  load(people(company), `sqlite://${many}?mode=rwc`);
  administrator(`sqlite://${many}`);
  run('sqlite3', [many], { input: 'PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;' });
  const places = [['PostgreSQL', url('directory'), url('directory_people'), 150], ['SQLite', `sqlite://${file}?mode=rwc`, `sqlite://${many}`, 100]];
  for (const [name, empty, full, bar] of places) {
    administrator(empty);
    const first = await directory.synchronisation(empty, synchronised);
    const reads = await directory.reading(full);
    const { bare } = reads;
    const rate = (ours, plain) => [`${number(plain)}/s`, times(plain / ours)];
    const time = (ours, plain, unit, digits) => [`${number(plain, digits)} ${unit}`, times(ours / plain)];
    rows.push([name, `a first synchronisation: ${number(synchronised)} people`, `${number(first.people)}/s`, `≥ ${bar}/s`, ...rate(first.people, first.bare.people)],
      ['', 'groups of 50', `${number(first.groups)}/s`, '', ...rate(first.groups, first.bare.groups)],
      ['', 'sign-ins beside it, p99', `${number(first.signIn)} ms`, '< 500 ms', '', ''],
      ['', 'the same again', `${number(first.again)}/s, ${number(first.written)} audit entries`, '0', '', ''],
      ['', `\`userName eq\` among ${number(reads.total)} people, p50`, `${number(reads.p50, 1)} ms`, '', ...time(reads.p50, bare.lookup, 'ms', 2)],
      ['', 'the same, p99', `${number(reads.p99, 1)} ms`, '< 10 ms', '', ''],
      ['', `a walk over ${number(reads.most)} people, who are changed meanwhile`, `${number(reads.walk, 1)} s`, 'each once', ...time(reads.walk, bare.walk, 's', 2)],
      ['', `1,000 operations on a group of ${number(reads.members)}`, `${number(reads.patch)} ms`, '', ...time(reads.patch, bare.patch, 'ms', 0)],
      ['', 'reading it', `${number(reads.read)} ms`, '', ...time(reads.read, bare.read, 'ms', 0)],
      ['', 'peak memory', `${number(reads.peak)} MiB`, '', '', '']);
  }
  const command = ['benches/run', ...process.argv.slice(2).filter((arg) => !PARTS.includes(arg)), 'directory'].join(' ');
  table('A directory (SCIM)', ['', '', 'measured', 'target', 'bare SQL', 'takes as long'], rows, `once, by \`${command}\`, ${process.env.BUILD}`);
}

if (parts.includes('webhooks')) {
  const rows = [];
  const folder = data('people-2000', '--people', '2000');
  fill('webhooks', folder);
  const file = join(FOLDER, 'webhooks.db');
  load(folder, `sqlite://${file}?mode=rwc`);
  administrator(`sqlite://${file}`);
  for (const [name, database] of [['PostgreSQL', url('webhooks')], ['SQLite', `sqlite://${file}`]]) {
    const cost = await webhooks.dismissal(database);
    const { rate, waiting } = await webhooks.deliveries(database);
    rows.push([name, '`dismissUser` without a webhook, p50', `${number(cost.without, 2)} ms`, ''],
      ['', 'with one, p50', `${number(cost.with, 2)} ms (${times(cost.with / cost.without)})`, '≤ 1.05 ×'],
      ['', 'with one, mean', times(cost.mean), '≤ 1.05 ×'],
      ['', 'deliveries to a local receiver', `${number(rate)}/s`, '≥ 500/s'],
      ['', 'memory of 10,000 waiting deliveries', `${number(waiting, 1)} MiB`, 'none']);
  }
  table('Webhooks', ['', '', 'measured', 'target'], rows, `once, ${process.env.BUILD}`);
}

const version = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n')[0];
const head = `# Results

Written by \`benches/run\`. ${cpus().length} cores (${cpus()[0].model.trim()}), ${number(totalmem() / 2 ** 30)} GiB of memory; everything runs on
this one machine, including the load generator. ${version('psql', '--version')}; Node.js ${process.version}; ${version('rustc', '--version')}.
README.md explains each line.
`;
const file = here('RESULTS.md');
// Sections that were not measured this time are kept.
const titles = sections.map((section) => section.split('\n')[0]);
const before = existsSync(file) ? readFileSync(file, 'utf8').split(/\n(?=## )/).slice(1).filter((section) => !titles.includes(section.split('\n')[0])) : [];
const ORDER = ['A page', 'Where the server', 'Lists', 'A handover', 'Import', 'The cost', 'A directory', 'Webhooks'];
const place = (section) => ORDER.findIndex((title) => section.startsWith(`## ${title}`));
const all = [...sections, ...before.map((section) => section.trimEnd() + '\n')].sort((one, other) => place(one) - place(other));
writeFileSync(file, [head, ...all].join('\n'));
