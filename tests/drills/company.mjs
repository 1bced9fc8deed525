// Shared setup and assertions: a company, a leaver, a concurrent writer, and the checks afterwards.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from './postgres.mjs';
import { installed } from './processes.mjs';
import { Server, check, command, person } from './server.mjs';

const { FOLDER } = process.env;
export const ADMIN = 'admin@drill.example';
export const TASKS = 50_000;

export const equal = (left, right, what) => {
  if (left !== right) throw new Error(`${what}: ${left}, not ${right}`);
};
export const say = (text) => console.log(text);

// Import files of a company in which one person holds many tasks; generated once, imported by each test.
const company = (() => {
  const folder = join(FOLDER, 'company');
  mkdirSync(folder, { recursive: true });
  const people = Array.from({ length: 20 }, (_, i) => `p${i}@drill.example,P${i},Drill,,,2020-01-01,,`);
  writeFileSync(join(folder, 'users.csv'),
    `email,given_name,family_name,position,department_id,hired_on,dismissed_on,role\n${people.join('\n')}\n`);
  const tasks = Array.from({ length: TASKS }, (_, i) => `t${i},Task ${i},p1@drill.example,p0@drill.example,,,PENDING,2024-01-01,`);
  writeFileSync(join(folder, 'tasks.csv'),
    `id,title,creator_email,responsible_email,participants,observers,status,created_at,deadline\n${tasks.join('\n')}\n`);
  return folder;
})();
export const fill = (database) => {
  command(['import', company, '--database-url', database]);
  person(database, ADMIN, 'administrator');
  return database;
};

// Runs a test on its own PostgreSQL: with the company, or `empty`, without tables.
export const onPostgres = async (name, drill, { folder, empty } = {}) => {
  const cluster = await Cluster.make(name, { folder });
  try {
    await drill(empty ? cluster.url() : fill(cluster.url()), cluster);
  } finally {
    cluster.stop('immediate');
  }
};
// Runs a test on SQLite and on PostgreSQL. Its third argument runs SQL directly; undefined without the sqlite3 program.
export const onBoth = async (name, drill) => {
  const file = join(FOLDER, `${name}.db`);
  const sql = (text) => execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 10000', file], { input: text, encoding: 'utf8' });
  await drill(fill(`sqlite://${file}?mode=rwc`), 'SQLite', installed('sqlite3') && sql);
  await onPostgres(name, (database, cluster) => drill(database, 'PostgreSQL', (text) => cluster.sql(text)));
};

export const CREATE_TASK = `mutation($title: String!, $responsible: ID!) {
  createTask(input: {title: $title, responsibleId: $responsible}) { task { id } } }`;
export const DISMISS = `mutation($id: ID!, $handover: [MoveInput!]) {
  dismissUser(input: {userId: $id, handover: $handover}) { dismissal { id } handover { id } userErrors { code message } } }`;

export const id = async (server, token, email) => {
  const { users } = await server.insist(token,
    'query($search: String) { users(filter: {search: $search}, first: 100) { nodes { id email } } }', { search: email });
  return users.nodes.find((node) => node.email === email).id;
};
// Creates a person and signs them in.
export const arrive = async (database, server, email) => {
  const user = person(database, email, 'employee');
  return { id: user, token: await server.signIn(email) };
};
export const dismiss = async (server, token, user, handover) => {
  const { dismissUser } = await server.ask(token, DISMISS, { id: user, handover });
  equal(JSON.stringify(dismissUser.userErrors), '[]', 'refusals');
  return dismissUser;
};
// Dismisses the holder of the tasks; returns the handover.
export const leave = async (server, token) => {
  const [from, to] = [await id(server, token, 'p0@drill.example'), await id(server, token, 'p2@drill.example')];
  return (await dismiss(server, token, from, [{ kind: 'TASK_RESPONSIBLE', to: { userId: to } }])).handover.id;
};
export const movedAll = (handover) => {
  equal(handover.state, 'SUCCEEDED', 'the state of the handover');
  equal(handover.moved, TASKS, 'items moved');
};

// Writes as fast as possible and records the acknowledged writes.
const writer = (server, token, responsible) => {
  const work = { acknowledged: [], refused: [] };
  let on = true;
  const done = (async () => {
    while (on) {
      try {
        const { createTask } = await server.ask(token, CREATE_TASK, { title: `kept ${work.acknowledged.length}`, responsible });
        work.acknowledged.push(createTask.task.id);
      } catch (error) {
        work.refused.push(error.message);
        await sleep(50);
      }
    }
  })();
  work.stop = async () => { on = false; await done; };
  // Returns the seconds until writes are acknowledged again.
  work.goesOn = async () => {
    const [since, before] = [Date.now(), work.acknowledged.length];
    while (work.acknowledged.length < before + 5) {
      if (Date.now() > since + 120_000) throw new Error(`writes do not resume: ${work.refused.at(-1)}`);
      await sleep(10);
    }
    return ((Date.now() - since) / 1000).toFixed(1);
  };
  work.told = () => `${work.acknowledged.length} acknowledged writes found, ${work.refused.length} refused`;
  return work;
};
const allThere = async (server, token, ids) => {
  for (let at = 0; at < ids.length; at += 100) {
    const { nodes } = await server.insist(token, 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ids.slice(at, at + 100) });
    if (nodes.some((node) => node === null)) throw new Error('an acknowledged write is lost');
  }
};

// Injects the fault `trouble` while a handover and a writer run: everything must still move, no acknowledged write may be
// lost, and the database must pass `handover check` (`proof` returns its URL for that). Returns the writer.
export const underLoad = async (database, trouble, { proof = () => database, flags = ['--chunk', '500'] } = {}) => {
  const server = await Server.start(database, { flags });
  const token = await server.signIn(ADMIN);
  const work = writer(server, token, await id(server, token, 'p3@drill.example'));
  try {
    const handover = await leave(server, token);
    await trouble({ server, token, handover, work });
    movedAll(await server.over(token, handover));
    await work.stop();
    await allThere(server, token, work.acknowledged);
  } finally {
    await work.stop();
    await server.stop();
  }
  check(proof());
  return work;
};
