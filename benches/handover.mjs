// A handover of all tasks of a person, compared with two equivalent statements in psql or sqlite3.
import { copyFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { FOLDER, administrator, ask, createDatabase, forget, median, percentile, psql, run, seconds, serve, signIn, url } from './lib.mjs';

const LEAVER = '10@employees.example';
const RECIPIENT = '12@employees.example';

const find = async (server, token, email) => {
  const { users } = await ask(server, token, 'query($search: String) { users(filter: {search: $search}, first: 100) { nodes { id email } } }',
    { search: email });
  return users.nodes.find((node) => node.email === email).id;
};

// Dismisses the leaver with all tasks; measures the duration, the progress updates and the latency of other writes.
export const dismissed = async (server) => {
  const token = await signIn(server);
  const [userId, recipient] = [await find(server, token, LEAVER), await find(server, token, RECIPIENT)];
  const { createTask } = await ask(server, token,
    'mutation($id: ID!) { createTask(input: {title: "others", responsibleId: $id}) { task { id } userErrors { message } } }', { id: recipient });
  const started = performance.now();
  const { dismissUser } = await ask(server, token, `mutation($userId: ID!, $to: ID!) {
    dismissUser(input: {userId: $userId, handover: [{kind: TASK_RESPONSIBLE, to: {userId: $to}}]}) {
      handover { id } userErrors { message } } }`, { userId, to: recipient });
  const answered = seconds(started);
  if (!dismissUser.handover) throw new Error(JSON.stringify(dismissUser.userErrors));

  let over = false;
  const waits = [];
  const others = (async () => {
    for (let n = 0; !over; n++) {
      const since = performance.now();
      await ask(server, token, 'mutation($id: ID!, $title: String) { updateTask(input: {taskId: $id, title: $title}) { userErrors { message } } }',
        { id: createTask.task.id, title: `others ${n}` });
      waits.push(performance.now() - since);
      await sleep(5);
    }
  })();
  const steps = new Set();
  let state;
  let moved;
  let memory = 0;
  do {
    await sleep(20);
    ({ node: { state, moved } } = await ask(server, token, 'query($id: ID!) { node(id: $id) { ... on Handover { state moved } } }', { id: dismissUser.handover.id }));
    steps.add(moved);
    memory = Math.max(memory, server.memory());
  } while (state === 'QUEUED' || state === 'RUNNING');
  const took = seconds(started);
  over = true;
  await others;
  if (state !== 'SUCCEEDED') throw new Error(`the handover ended as ${state}`);
  return { answered, took, moved, steps: steps.size / took, wait: percentile(waits, 0.99), memory };
};

const RAW = (now) => `
  CREATE TABLE ledger (handover_id, kind text NOT NULL, subject_id NOT NULL, part integer NOT NULL, chunk bigint NOT NULL,
    from_id, to_id, outcome text NOT NULL, reason text, at NOT NULL, PRIMARY KEY (handover_id, kind, subject_id));
  BEGIN;
  INSERT INTO ledger SELECT l.id, 'TASK_RESPONSIBLE', t.id, 0, 1, l.id, r.id, 'MOVED', NULL, ${now}
    FROM tasks t, users l, users r WHERE l.email = '${LEAVER}' AND r.email = '${RECIPIENT}' AND t.responsible_id = l.id AND t.closed = FALSE;
  UPDATE tasks SET responsible_id = (SELECT id FROM users WHERE email = '${RECIPIENT}'), updated_at = ${now}
    WHERE responsible_id = (SELECT id FROM users WHERE email = '${LEAVER}') AND closed = FALSE;
  COMMIT;`;

export const onPostgres = async (template, rounds) => {
  const raw = [];
  const ours = [];
  for (let round = 0; round < rounds; round++) {
    createDatabase('moved', template);
    psql('moved', 'VACUUM ANALYZE; CHECKPOINT');
    const [ddl, statements] = RAW('now()').replace('handover_id,', 'handover_id uuid NOT NULL,').replace('subject_id NOT NULL', 'subject_id uuid NOT NULL')
      .replace('from_id, to_id,', 'from_id uuid, to_id uuid,').replace('at NOT NULL', 'at timestamptz NOT NULL').split('BEGIN;');
    psql('moved', ddl);
    const since = performance.now();
    psql('moved', `BEGIN;${statements}`);
    raw.push(seconds(since));

    createDatabase('moved', template);
    psql('moved', 'VACUUM ANALYZE; CHECKPOINT');
    const server = await serve(url('moved'));
    ours.push(await dismissed(server));
    await server.stop();
  }
  return summary(raw, ours);
};

export const onSqlite = async (file, rounds) => {
  const raw = [];
  const ours = [];
  const copy = join(FOLDER, 'moved.db');
  const fresh = () => {
    forget(copy);
    copyFileSync(file, copy);
  };
  for (let round = 0; round < rounds; round++) {
    fresh();
    const pragmas = 'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-32000;';
    const since = performance.now();
    run('sqlite3', [copy], { input: pragmas + RAW("'2026-01-01T00:00:00+00:00'") });
    raw.push(seconds(since));

    fresh();
    const server = await serve(`sqlite://${copy}`);
    ours.push(await dismissed(server));
    await server.stop();
  }
  return summary(raw, ours);
};

const summary = (raw, ours) => {
  const middle = (name) => median(ours.map((one) => one[name]));
  return {
    raw: median(raw), took: middle('took'), answered: middle('answered'), steps: middle('steps'), wait: middle('wait'),
    memory: Math.max(...ours.map((one) => one.memory)), moved: ours[0].moved,
  };
};
