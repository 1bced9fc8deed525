// A directory by SCIM: a first synchronisation, the same again, look-ups and a walk among many people, and a large group.
import { ask, median, percentile, serve, signIn } from './lib.mjs';
import * as bare from './bare.mjs';

const GROUPS = 200;
const MEMBERS = 50;
const PAGE = 1_000;
const OPERATIONS = 1_000;
const EVERYBODY = 'Everybody';
const CONNECTIONS = 8;

// Creates a directory; returns a function that sends its requests.
export const directory = async (server) => {
  const token = await signIn(server);
  const { createIntegration: made } = await ask(server, token,
    'mutation { createIntegration(input: {name: "Directory", scopes: [PROVISION_PEOPLE]}) { integration { id } token } }');
  await ask(server, token, 'mutation($id: ID!) { createDirectory(input: {name: "Directory", integrationId: $id}) { directory { id } } }',
    { id: made.integration.id });
  const scim = async (method, path, body) => {
    const response = await fetch(`${server.address}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${made.token}`, ...(body ? { 'content-type': 'application/scim+json' } : {}) },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  return { scim, token };
};

// Runs work for each item over several connections; returns the seconds.
const parallel = async (items, work) => {
  const left = [...items].reverse();
  const since = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (left.length) await work(left.pop());
  }));
  return (performance.now() - since) / 1000;
};

const milliseconds = async (work) => {
  const since = performance.now();
  await work();
  return performance.now() - since;
};

const body = (n) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], externalId: `ext-${n}`, userName: `user${n}@directory.example`,
  name: { givenName: `Given${n}`, familyName: `Family${n}` }, title: 'Engineer', active: true,
  emails: [{ value: `user${n}@directory.example`, type: 'work', primary: true }],
});

// A first synchronisation of people and groups with sign-ins beside it, and the same again.
export const synchronisation = async (database, count = 5_000) => {
  const server = await serve(database);
  const { scim, token } = await directory(server);
  const ids = [];
  let going = true;
  const signIns = (async () => {
    const took = [];
    while (going) {
      took.push(await milliseconds(() => signIn(server)));
      await new Promise((done) => setTimeout(done, 200));
    }
    return took;
  })();
  const numbers = Array.from({ length: count }, (_, n) => n);
  const people = await parallel(numbers, async (n) => { ids[n] = (await scim('POST', '/Users', body(n))).id; });
  const groups = await parallel(Array.from({ length: GROUPS }, (_, n) => n), (n) => scim('POST', '/Groups', {
    displayName: `Group ${n}`, members: Array.from({ length: MEMBERS }, (_, m) => ({ value: ids[(n * MEMBERS + m) % count] })),
  }));
  going = false;
  const beside = await signIns;
  const entries = async () => (await ask(server, token, '{ auditLog { totalCount } }')).auditLog.totalCount;
  const before = await entries();
  const again = await parallel(numbers, (n) => scim('PUT', `/Users/${ids[n]}`, body(n)));
  const written = (await entries()) - before;
  await server.stop();
  return {
    people: count / people, groups: GROUPS / groups, signIn: percentile(beside, 0.99), again: count / again, written,
    bare: { people: await bare.people(database), groups: await bare.groups(database) },
  };
};

// Look-ups by name, and a walk by pages while others change, in a database of many people.
export const reading = async (database, lookups = 500) => {
  const server = await serve(database);
  const { scim } = await directory(server);
  const { totalResults, Resources: some } = await scim('GET', '/Users?startIndex=100&count=500&attributes=userName');
  const took = [];
  const names = Array.from({ length: lookups }, (_, n) => some[n % some.length].userName);
  for (const name of names) {
    const filter = encodeURIComponent(`userName eq "${name.toUpperCase()}"`);
    took.push(await milliseconds(async () => {
      const found = await scim('GET', `/Users?filter=${filter}`);
      if (found.totalResults !== 1) throw new Error(`found ${found.totalResults}`);
    }));
  }
  const seen = new Set();
  const most = Math.min(totalResults, 100_000);
  const walk = await milliseconds(async () => {
    for (let start = 1; start <= most; start += PAGE) {
      const page = await scim('GET', `/Users?startIndex=${start}&count=${PAGE}&attributes=userName`);
      page.Resources.forEach(({ id }) => seen.add(id));
      const changed = some[start % some.length];
      await scim('PATCH', `/Users/${changed.id}`, { Operations: [{ op: 'replace', path: 'nickName', value: `at ${start}` }] });
    }
  });
  if (seen.size !== most) throw new Error(`the walk met ${seen.size} of ${most} people`);
  const group = await largeGroup(scim, [...seen].slice(0, 50_000));
  const peak = server.peak();
  await server.stop();
  const plain = {
    lookup: await bare.lookup(database, names), walk: await bare.walk(database, most, PAGE), ...await bare.group(database, EVERYBODY, OPERATIONS),
  };
  return { total: totalResults, p50: median(took), p99: percentile(took, 0.99), walk: walk / 1000, most, ...group, peak, bare: plain };
};

const largeGroup = async (scim, ids) => {
  const rest = ids.slice(OPERATIONS);
  const { id } = await scim('POST', '/Groups', { displayName: EVERYBODY, members: [] });
  for (let at = 0; at < rest.length; at += PAGE) {
    await scim('PATCH', `/Groups/${id}`, { Operations: [{ op: 'add', path: 'members', value: rest.slice(at, at + PAGE).map((value) => ({ value })) }] });
  }
  const operations = ids.slice(0, OPERATIONS).map((value) => ({ op: 'add', path: 'members', value: [{ value }] }));
  const patch = await milliseconds(() => scim('PATCH', `/Groups/${id}`, { Operations: operations }));
  let members;
  const read = await milliseconds(async () => { members = (await scim('GET', `/Groups/${id}`)).members.length; });
  if (members !== ids.length) throw new Error(`${members} members`);
  return { members, patch, read };
};
