// The cost of durable commits: SQLite with synchronous=FULL, the server's default, compared with NORMAL, under which a
// power cut may lose acknowledged writes.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER, administrator, ask, forget, median, percentile, run, serve, signIn } from './lib.mjs';
import { dismissed } from './handover.mjs';

const MODES = ['normal', 'full'];
const address = (file, mode) => `sqlite://${file}?mode=rwc${mode === 'full' ? '' : `&synchronous=${mode}`}`;

// Runs work sequentially; returns the milliseconds of each run.
const each = async (count, work) => {
  const took = [];
  for (let n = 0; n < count; n++) {
    const since = performance.now();
    await work(n);
    took.push(performance.now() - since);
  }
  return took;
};

const dismissals = async (server, count) => {
  const token = await signIn(server);
  const ids = [];
  let after = null;
  while (ids.length < count) {
    const { users } = await ask(server, token,
      'query($after: String) { users(filter: {dismissed: false}, first: 100, after: $after) { nodes { id email } pageInfo { endCursor hasNextPage } } }',
      { after });
    ids.push(...users.nodes.filter(({ email }) => email.endsWith('@employees.example')).map(({ id }) => id));
    if (!users.pageInfo.hasNextPage) break;
    after = users.pageInfo.endCursor;
  }
  return each(Math.min(count, ids.length), async (n) => {
    const { dismissUser } = await ask(server, token,
      'mutation($id: ID!) { dismissUser(input: {userId: $id}) { userErrors { message } } }', { id: ids[n] });
    if (dismissUser.userErrors.length) throw new Error(dismissUser.userErrors[0].message);
  });
};

// For each mode: dismissals and sign-ins one after another, a handover of all tasks of one person, an import.
export const durable = async ({ leaver, tasks, people, rounds, load, dismiss = 200, signIns = 50 }) => {
  const results = Object.fromEntries(MODES.map((mode) => [mode, { dismissal: [], dismissalP99: [], signIn: [], handover: [], import: [] }]));
  const [prepared, copy] = [join(FOLDER, 'durable.db'), join(FOLDER, 'durable-copy.db')];
  forget(prepared);
  load(leaver, address(prepared, 'normal'));
  administrator(address(prepared, 'normal'));
  run('sqlite3', [prepared], { input: 'PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;' });
  for (let round = 0; round < rounds; round++) {
    for (const mode of MODES) {
      const result = results[mode];
      forget(copy);
      copyFileSync(prepared, copy);
      const server = await serve(address(copy, mode));
      const handover = await dismissed(server);
      result.handover.push(handover.took);
      const took = await dismissals(server, dismiss);
      result.dismissal.push(median(took));
      result.dismissalP99.push(percentile(took, 0.99));
      result.signIn.push(median(await each(signIns, () => signIn(server))));
      await server.stop();
      forget(copy);
      result.import.push(load(people, address(copy, mode)).seconds);
    }
  }
  const summary = (mode) => Object.fromEntries(Object.entries(results[mode]).map(([name, values]) => [name, median(values)]));
  return { normal: summary('normal'), full: summary('full'), tasks };
};
