// Metrics as a parser by others reads them.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import parsePrometheus from 'parse-prometheus-text-format';
import { ask, idOf, serve, signIn } from './support.mjs';

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
};

/** Uses the server in several ways. */
async function use(company) {
  const { url, people } = company;
  const token = await signIn(company, people.administrator);
  await ask(url, null, 'mutation($i: SignInInput!) { signIn(input: $i) { accessToken } }', {
    i: { email: people.employee, password: 'a wrong password' },
  });
  await ask(url, token, '{ users(first: 10) { nodes { name department { name } } } }');
  await ask(url, 'nonsense', '{ viewer { permissions } }');
  const leaver = await idOf(url, token, people.employee);
  const DISMISS = 'mutation($i: DismissUserInput!) { dismissUser(input: $i) { userErrors { code } } }';
  await ask(url, token, DISMISS, { i: { userId: leaver } });
  for (const path of ['Users', 'Groups', 'somebody%40example.com']) {
    await fetch(new URL(`/scim/v2/${path}`, url), { headers: { authorization: 'Bearer hnd_nobody' } });
  }
}

test('every metric is read, described and typed; histograms are cumulative', async (t) => {
  const port = await freePort();
  const company = await serve({ HANDOVER_METRICS_LISTEN: `127.0.0.1:${port}` });
  t.after(company.stop);
  const scrape = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
    return response.text();
  };
  // The sample company has leavers.
  const before = parsePrometheus(await scrape());
  await use(company);
  const text = await scrape();
  const families = parsePrometheus(text);
  assert.ok(families.length >= 15, `${families.length} metrics`);
  for (const { name, help, type, metrics } of families) {
    assert.match(name, /^handover_[a-z_]+$/);
    assert.ok(help.length > 10, `${name} is not described`);
    assert.ok(['COUNTER', 'GAUGE', 'HISTOGRAM'].includes(type), `${name}: ${type}`);
    assert.ok(metrics.length, `${name} has no samples`);
    for (const { buckets, count } of type === 'HISTOGRAM' ? metrics : []) {
      // The parser puts them into an object, which has an order of its own.
      const bound = ([text]) => (text === '+Inf' ? Infinity : Number(text));
      const counts = Object.entries(buckets).sort((one, other) => bound(one) - bound(other)).map(([, count]) => Number(count));
      counts.forEach((one, at) => assert.ok(!at || one >= counts[at - 1], `${name} is not cumulative: ${counts}`));
      assert.equal(Number(buckets['+Inf']), Number(count), name);
    }
  }
  const value = (of, name, labels) => {
    const has = (sample) => Object.entries(labels).every(([label, text]) => sample.labels?.[label] === text);
    return Number(of.find((family) => family.name === name)?.metrics.find(has)?.value ?? 0);
  };
  for (const [name, labels] of [
    ['handover_dismissals_total', { origin: 'person' }],
    ['handover_sign_ins_total', { outcome: 'refused' }],
    ['handover_scim_requests_total', { resource: 'other', status: '401' }],
  ]) {
    assert.equal(value(families, name, labels) - value(before, name, labels), 1, name);
  }
  for (const secret of [company.people.employee, 'somebody', 'user_', '@']) {
    assert.ok(!text.includes(secret), `${secret} is in the metrics`);
  }
  assert.equal((await fetch(new URL('/metrics', company.url))).status, 404);
  assert.equal((await fetch(`http://127.0.0.1:${port}/graphql`)).status, 404);
});
