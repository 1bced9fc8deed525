// Webhooks: what they cost a dismissal, how many deliveries a second, and the memory of deliveries that wait.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { BINARY, FOLDER, ask, median, signIn, start } from './lib.mjs';

const BLOCK = 40;
const DELIVERIES = 2_000;
const WAITING = 10_000;

// On a thread of its own, so that the client doesn't slow it down.
if (!isMainThread) {
  let received = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      received++;
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  parentPort.postMessage({ port: server.address().port });
  parentPort.on('message', () => parentPort.postMessage({ received }));
}

const receiver = async () => {
  const worker = new Worker(new URL(import.meta.url));
  const [{ port }] = await once(worker, 'message');
  const received = async () => {
    const answer = once(worker, 'message');
    worker.postMessage('');
    return (await answer)[0].received;
  };
  return { url: `http://127.0.0.1:${port}/hook`, received, stop: () => worker.terminate() };
};

const serve = (database) => start(BINARY, ['serve', '--listen', '127.0.0.1:PORT', '--rate-limit', '0', '--database-url', database,
  '--blob-url', `file://${FOLDER}/blobs`, '--egress-allow', '127.0.0.0/8'], { RUST_LOG: 'error' });

const create = async (server, token, url, event, count = 1) => {
  const ids = [];
  for (let n = 0; n < count; n++) {
    const { createWebhook } = await ask(server, token,
      'mutation($url: String!, $event: WebhookEvent!) { createWebhook(input: {url: $url, events: [$event]}) { webhook { id } userErrors { message } } }',
      { url, event });
    if (!createWebhook.webhook) throw new Error(createWebhook.userErrors[0].message);
    ids.push(createWebhook.webhook.id);
  }
  return ids;
};
const drop = (server, token, id) =>
  ask(server, token, 'mutation($id: ID!) { deleteWebhook(input: {webhookId: $id}) { userErrors { message } } }', { id });

const people = async (server, token) => {
  const found = [];
  for (let after = null; ;) {
    const { users } = await ask(server, token,
      'query($after: String) { users(filter: {dismissed: false, role: EMPLOYEE}, first: 100, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }',
      { after });
    found.push(...users.nodes.map((node) => node.id));
    if (!users.pageInfo.hasNextPage || found.length >= 2_000) return found;
    after = users.pageInfo.endCursor;
  }
};

// Milliseconds of a dismissal, the median of blocks in turn without and with a webhook, and the ratio of these medians.
export const dismissal = async (database, blocks = 12) => {
  const server = await serve(database);
  const target = await receiver();
  const token = await signIn(server);
  const leavers = await people(server, token);
  const took = { without: [], with: [] };
  for (let block = 0; block < 2 * blocks; block++) {
    const [id] = block % 2 ? await create(server, token, target.url, 'USER_DISMISSED') : [];
    await sleep(200);
    for (const leaver of leavers.splice(0, BLOCK)) {
      const since = performance.now();
      await ask(server, token, 'mutation($id: ID!) { dismissUser(input: {userId: $id}) { dismissal { id } userErrors { message } } }', { id: leaver });
      // The first ones warm up.
      if (block > 1) took[id ? 'with' : 'without'].push(performance.now() - since);
    }
    if (id) await drop(server, token, id);
  }
  await server.stop();
  await target.stop();
  const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;
  return { without: median(took.without), with: median(took.with), mean: mean(took.with) / mean(took.without) };
};

const events = async (server, token, count) => {
  let made = 0;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (made < count) {
      await ask(server, token, 'mutation($name: String!) { setDepartment(input: {name: $name}) { department { id } } }', { name: `Bench ${made++}` });
    }
  }));
};

// Deliveries a second to one receiver, and the memory that waiting deliveries take, in MiB.
export const deliveries = async (database) => {
  const server = await serve(database);
  const target = await receiver();
  const token = await signIn(server);
  const update = (id, more) => ask(server, token,
    `mutation($id: ID!) { updateWebhook(input: {webhookId: $id, ${more}}) { userErrors { message } } }`, { id });
  const [id] = await create(server, token, target.url, 'DEPARTMENT_CREATED');
  await update(id, 'enabled: false');
  await events(server, token, DELIVERIES);
  const since = performance.now();
  await update(id, 'enabled: true, since: "2020-01-01T00:00:00Z"');
  while (await target.received() < DELIVERIES) await sleep(10);
  const rate = DELIVERIES / (performance.now() - since) * 1_000;
  await drop(server, token, id);
  // Nothing listens there: they wait for their next attempt.
  const copies = WAITING / 500;
  await sleep(1_000);
  const before = server.memory();
  await create(server, token, 'http://127.0.0.1:9/', 'DEPARTMENT_CREATED', copies);
  await events(server, token, 500);
  await sleep(5_000);
  const waiting = server.memory() - before;
  await server.stop();
  await target.stop();
  return { rate, waiting };
};
