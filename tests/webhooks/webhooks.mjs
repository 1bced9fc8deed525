// Makes changes, before, during and after a rotation, and verifies each delivery with three libraries:
// node webhooks.mjs BINARY DATABASE_URL FOLDER PYTHON

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const [BINARY, DATABASE, FOLDER, PYTHON] = process.argv.slice(2);
const PASSWORD = 'correct horse battery staple 9';
const ADMIN = 'admin@webhooks.example';

const arrived = [];
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', () => {
    arrived.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
}).listen(0, '127.0.0.1');
await once(receiver, 'listening');

execFileSync(BINARY, ['user', 'create', ADMIN, '--role', 'administrator', '--password-stdin', '--database-url', DATABASE], { input: PASSWORD });
const server = spawn(BINARY, ['serve', '--listen', '127.0.0.1:0', '--database-url', DATABASE, '--blob-url', `file://${FOLDER}/blobs`,
  '--egress-allow', '127.0.0.0/8'], { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('exit', () => server.kill());
const url = await new Promise((resolve) => {
  server.stdout.on('data', (text) => {
    const address = /listening on (http\S+)/.exec(text);
    if (address) resolve(address[1]);
  });
});

let token;
const ask = async (query, variables) => {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
};
({ signIn: { accessToken: token } } = await ask(
  'mutation($email: String!, $password: String!) { signIn(input: {email: $email, password: $password}) { accessToken } }',
  { email: ADMIN, password: PASSWORD }));

const arrival = async (count) => {
  for (let tries = 0; arrived.length < count && tries < 200; tries++) await sleep(50);
  assert.equal(arrived.length, count);
  return arrived.splice(0);
};
const change = (name) => ask('mutation($name: String!) { setDepartment(input: {name: $name}) { department { id } } }', { name });

const hook = `http://127.0.0.1:${receiver.address().port}/hook`;
const { createWebhook } = await ask(
  'mutation($url: String!) { createWebhook(input: {url: $url, events: [DEPARTMENT_CREATED, USER_UPDATED]}) { webhook { id } secret } }',
  { url: hook });
const { secret: old, webhook: { id } } = createWebhook;

const verified = [];
/** All signatures: each secret alone has to be enough. */
const verify = (deliveries, ...secrets) => {
  for (const { headers, body } of deliveries) {
    for (const secret of secrets) {
      assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
      assert.throws(() => new Webhook(secret).verify(`${body} `, headers), WebhookVerificationError);
    }
    verified.push({ headers, body, secrets });
  }
};

for (let n = 0; n < 10; n++) await change(`Before ${n} – with ümlauts and "quotes" 🦀`);
verify(await arrival(10), old);

// The examples of the guide, as they stand there.
await change('The example');
const [delivery] = await arrival(1);
verify([delivery], old);
const guide = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
const [, javascript] = /```js\n(.*?)```/s.exec(guide);
const [, python] = /```python\n(.*?)```/s.exec(guide);
const run = new Function('Webhook', 'secret', 'request',
  `return (async () => { ${javascript.replace(/import .*/, '')}; return event; })()`);
const event = await run(Webhook, old, { text: async () => delivery.body, headers: new Headers(delivery.headers) });
assert.equal(event.type, 'department.created');
const script = `import json, sys\nsecret, headers, body = json.load(sys.stdin)\n${python}\nassert event["type"] == "department.created"`;
const example = spawnSync(PYTHON, ['-c', script], { input: JSON.stringify([old, delivery.headers, delivery.body]), encoding: 'utf8' });
assert.equal(example.status, 0, example.stderr);

const { rotateWebhookSecret: { secret: fresh } } = await ask(
  'mutation($id: ID!) { rotateWebhookSecret(input: {webhookId: $id}) { secret } }', { id });
for (let n = 0; n < 10; n++) await change(`During ${n}`);
verify(await arrival(10), old, fresh);

const { rotateWebhookSecret: { secret: last } } = await ask(
  'mutation($id: ID!) { rotateWebhookSecret(input: {webhookId: $id, keepOldForHours: 0}) { secret } }', { id });
await change('After');
const [after] = await arrival(1);
verify([after], last);
for (const secret of [old, fresh]) {
  assert.throws(() => new Webhook(secret).verify(after.body, after.headers), WebhookVerificationError);
}
await ask('mutation($id: ID!) { testWebhook(input: {webhookId: $id}) { webhook { id } } }', { id });
verify(await arrival(1), last);

const script2 = new URL('verify.py', import.meta.url).pathname;
const checked = spawnSync(PYTHON, [script2], { input: verified.map((one) => JSON.stringify(one)).join('\n'), encoding: 'utf8' });
assert.equal(checked.status, 0, checked.stderr);
assert.equal(checked.stdout.trim().split('\n').length, verified.length);
console.log(`${verified.length} deliveries verified by standardwebhooks (npm, PyPI) and svix`);
process.exit(0);
