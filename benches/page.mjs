// A page of 50 dismissed people with their departments, as an administrator: this server compared with others.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER, PG_BIN, PLAIN, SECRET, load, median, psql, run, serve, signIn, start, url } from './lib.mjs';
import { sign } from './peers/sign.mjs';

const FIELDS = 'id email name position role status hiredOn department { id name }';
export const PAGE = {
  query: `query($after: String) { users(filter: {dismissed: true}, first: 50, after: $after) {
    nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`,
};
const MERCURIUS = {
  query: `query($after: String) { users(dismissed: true, first: 50, after: $after) {
    nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`,
};
const POSTGRAPHILE = {
  query: `query($after: Cursor) { allUsers(condition: {status: "DISMISSED"}, orderBy: [SORT_NAME_ASC, ID_ASC], first: 50,
    after: $after) { nodes { id email givenName familyName position role status hiredOn departmentByDepartmentId { id name } }
    pageInfo { hasNextPage endCursor } } }`,
};

// The statements of one request as this server sends them.
const pgbench = (database) => {
  const user = psql(database, "SELECT id FROM users WHERE role = 'ADMINISTRATOR' LIMIT 1");
  const session = psql(database, `SELECT id FROM sessions WHERE user_id = '${user}' ORDER BY id DESC LIMIT 1`);
  const departments = psql(database, `SELECT string_agg(DISTINCT quote_literal(department_id), ', ') FROM
    (SELECT department_id FROM users WHERE status = 'DISMISSED' ORDER BY sort_name, id LIMIT 51) page`);
  const script = join(FOLDER, 'page.sql');
  writeFileSync(script, `SELECT u.email, u.role, s.show_dismissed_employees FROM sessions c JOIN users u ON u.id = c.user_id
CROSS JOIN settings s WHERE c.id = '${session}' AND c.user_id = '${user}' AND c.ended_at IS NULL AND c.expires_at > now()
AND u.status = 'ACTIVE';
SELECT * FROM users WHERE status = 'DISMISSED' ORDER BY sort_name, id LIMIT 51;
SELECT * FROM departments WHERE id IN (${departments});
`.replace(/\n(?!SELECT|$)/g, ' '));
  return (time) => {
    const text = run(join(PG_BIN, 'pgbench'), ['-n', '-M', 'prepared', '-c', '16', '-j', '1', '-T', time, '-f', script, url(database)],
      { stdio: ['pipe', 'pipe', 'ignore'] });
    return { rate: Number(text.match(/tps = ([\d.]+)/)[1]), p50: Number(text.match(/latency average = ([\d.]+)/)[1]), p99: NaN };
  };
};

export const page = async (database, rounds) => {
  const here = new URL('./peers/', import.meta.url).pathname;
  const DATABASE_URL = url(database);
  const servers = {
    'this server': await serve(DATABASE_URL),
    'a plain axum handler': await start(PLAIN, [], { DATABASE_URL }),
    Mercurius: await start('node', [join(here, 'mercurius.mjs')], { DATABASE_URL }),
    'PostGraphile 4': await start('node', [join(here, 'postgraphile/server.mjs')], { DATABASE_URL }),
  };
  const own = servers['this server'];
  let token = await signIn(own);
  const user = psql(database, "SELECT id FROM users WHERE role = 'ADMINISTRATOR' LIMIT 1");
  const peer = sign({ sub: user, role: 'postgres', exp: Math.floor(Date.now() / 1000) + 36_000 }, SECRET);
  const contestants = {
    'this server': (time) => load(`${own.address}/graphql`, { body: PAGE, token, time }),
    'a plain axum handler': (time) => load(servers['a plain axum handler'].address, { time }),
    Mercurius: (time) => load(`${servers.Mercurius.address}/graphql`, { body: MERCURIUS, token: peer, time }),
    'PostGraphile 4': (time) => load(`${servers['PostGraphile 4'].address}/graphql`, { body: POSTGRAPHILE, token: peer, time }),
    'pgbench, the same SQL': pgbench(database),
  };
  const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (const contestant of Object.values(contestants)) contestant(2);
  for (let round = 0; round < rounds; round++) {
    token = await signIn(own);
    for (const [name, contestant] of Object.entries(contestants)) results[name].push(contestant(5));
  }
  const peak = own.peak();
  for (const server of Object.values(servers)) await server.stop();
  const summary = Object.entries(results).map(([name, all]) => ({
    name, rate: median(all.map((one) => one.rate)), p50: median(all.map((one) => one.p50)), p99: median(all.map((one) => one.p99)),
  }));
  return { summary, peak };
};
