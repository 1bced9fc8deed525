// Whether the cost of a page depends on its position and on the number of rows; the inventory of a person with very much
// work; a list filtered by departments; memory and startup time of the server.
import { execFileSync } from 'node:child_process';
import { PASSWORD, ask, load, median, psql, run, serve, signIn, url, BINARY } from './lib.mjs';
import { PAGE } from './page.mjs';

const p50 = (server, token, body, rounds) =>
  median(Array.from({ length: rounds }, () => load(`${server.address}/graphql`, { body, token, connections: 1, time: 3 }).p50));
const rate = (server, token, body) => load(`${server.address}/graphql`, { body, token, time: 4 }).rate;

// Returns the cursor after `count` people.
const cursorAfter = async (server, token, count) => {
  let after = null;
  for (let seen = 0; seen < count; seen += 100) {
    const { users } = await ask(server, token,
      'query($after: String) { users(filter: {dismissed: true}, first: 100, after: $after) { pageInfo { endCursor } } }', { after });
    after = users.pageInfo.endCursor;
  }
  return after;
};

export const farPage = async (database, rounds) => {
  const server = await serve(url(database));
  const token = await signIn(server);
  const after = await cursorAfter(server, token, 50_000);
  const first = [];
  const far = [];
  for (let round = 0; round < rounds; round++) {
    first.push(rate(server, token, { ...PAGE, variables: { after: null } }));
    far.push(rate(server, token, { ...PAGE, variables: { after } }));
  }
  await server.stop();
  return { first: median(first), far: median(far) };
};

export const sizes = async (databases, rounds) => {
  const results = databases.map(() => []);
  const servers = [];
  for (const database of databases) servers.push(await serve(url(database)));
  for (let round = 0; round < rounds; round++) {
    for (const [at, server] of servers.entries()) results[at].push(p50(server, await signIn(server), PAGE, 1));
  }
  for (const server of servers) await server.stop();
  return results.map(median);
};

export const work = async (database, rounds) => {
  const server = await serve(url(database));
  const admin = await signIn(server);
  const { users } = await ask(server, admin, '{ users(filter: {search: "10@employees"}, first: 100) { nodes { id email } } }');
  const holder = users.nodes.find(({ email }) => email === '10@employees.example').id;
  const inventory = p50(server, admin, { query: `{ user(id: "${holder}") { work { lines { kind open closed } } } }` }, rounds);

  // The head of a department with ten teams, who may read their records.
  const member = '3@employees.example';
  execFileSync(BINARY, ['user', 'set-password', member, '--password-stdin', '--database-url', url(database)],
    { input: PASSWORD, stdio: ['pipe', 'ignore', 'inherit'] });
  const { departments } = await ask(server, admin, '{ departments(first: 100) { nodes { head { id email } } } }');
  const memberIds = [departments.nodes.find(({ head }) => head?.email === member).head.id];
  const kinds = ['LEAD', 'DEAL', 'CONTACT', 'COMPANY', 'QUOTE', 'INVOICE'];
  await ask(server, admin, 'mutation($input: SetCrmRoleInput!) { setCrmRole(input: $input) { userErrors { message } } }', {
    input: { name: 'Heads', memberIds, rules: kinds.map((kind) => ({ kind, operation: 'READ', level: 'DEPARTMENT_TREE' })) },
  });
  const token = await signIn(server, member);
  const list = p50(server, token, { query: '{ crmItems(first: 50) { nodes { id title responsible { id name } } } }' }, rounds);
  await server.stop();
  return { inventory, list };
};

export const resources = async (database) => {
  const once = await serve(url(database));
  await signIn(once);
  await once.stop();
  const server = await serve(url(database));
  const { ready } = server;
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const idle = server.memory();
  const token = await signIn(server);
  load(`${server.address}/graphql`, { body: PAGE, token, connections: 64, time: 10 });
  const loaded = server.peak();
  await server.stop();
  return { ready, idle, loaded };
};
