// Webhooks while processes are killed, beside a slow receiver, and during a rotation.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, equal, onPostgres, say } from './company.mjs';
import { freePort } from './postgres.mjs';
import { Server, check } from './server.mjs';

const FLAGS = ['--egress-allow', '127.0.0.0/8'];
const CREATE = `mutation($url: String!, $order: WebhookOrder) {
  createWebhook(input: {url: $url, events: [DEPARTMENT_CREATED], order: $order}) { webhook { id } secret userErrors { code message } } }`;
const CHANGES = `query($after: String) { changes(after: $after, types: [DEPARTMENT_CREATED], first: 100) {
  nodes { id } pageInfo { endCursor hasNextPage } } }`;
const change = (name) => `mutation { setDepartment(input: {name: "${name}"}) { department { id } } }`;

const signed = (secret, request) => {
  const content = `${request.headers['webhook-id']}.${request.headers['webhook-timestamp']}.${request.body}`;
  const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(content).digest('base64');
  return request.headers['webhook-signature'].split(' ').includes(`v1,${signature}`);
};

// Records what arrives; `answer` decides what is answered, and when.
const receiver = async (answer = () => 204) => {
  const arrived = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', async () => {
      const one = { headers: request.headers, body, at: performance.now(), ...JSON.parse(body).data };
      const status = await answer(one, arrived.length);
      arrived.push(one);
      response.writeHead(status).end();
    });
  });
  const port = await freePort();
  await new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  return { url: `http://127.0.0.1:${port}/hook`, arrived, close: () => server.close() };
};

const create = async (server, token, url, order) => {
  const { createWebhook } = await server.insist(token, CREATE, { url, order });
  equal(JSON.stringify(createWebhook.userErrors), '[]', 'refusals');
  return { id: createWebhook.webhook.id, secret: createWebhook.secret };
};

// Follows the list of changes to its end.
const follow = async (server, token) => {
  const found = [];
  for (let after = null; ;) {
    const { changes } = await server.insist(token, CHANGES, { after });
    found.push(...changes.nodes.map((node) => node.id));
    if (!changes.pageInfo.hasNextPage) return found;
    after = changes.pageInfo.endCursor;
  }
};

const until = async (reached, patience, what) => {
  for (const end = Date.now() + patience * 1_000; !reached(); await sleep(100)) {
    if (Date.now() > end) throw new Error(`${what}: not within ${patience} s`);
  }
};

/** Three processes are killed at random moments while changes flow: none is missing, and the ordered webhook keeps the order. */
export const webhooks = async () => {
  const [kills, total] = (process.env.WEBHOOK_DRILL ?? '10,1000').split(',').map(Number);
  await onPostgres('webhooks', async (database) => {
    const [any, ordered] = [await receiver(), await receiver()];
    const servers = await Promise.all([1, 2, 3].map(() => Server.start(database, { flags: FLAGS })));
    const token = await servers[0].signIn(ADMIN);
    const secrets = [await create(servers[0], token, any.url, 'BEST_EFFORT'), await create(servers[0], token, ordered.url, 'IN_ORDER')];
    let made = 0;
    let killed = 0;
    const write = async (at) => {
      while (made < total) {
        const n = made++;
        // Repeated until it is acknowledged: a change that was committed without an answer is made twice, under another name.
        for (let attempt = 0; ; attempt++) {
          try {
            await servers[(at + attempt) % 3].ask(token, change(`Team ${n} ${attempt}`));
            break;
          } catch { await sleep(20); }
        }
      }
    };
    const kill = async () => {
      while (killed < kills) {
        await sleep(100 + Math.random() * 400);
        const at = Math.floor(Math.random() * 3);
        const { port } = servers[at];
        await servers[at].stop('SIGKILL');
        servers[at] = await Server.start(database, { flags: FLAGS, port });
        killed++;
      }
    };
    const killing = kill();
    await Promise.all([0, 1, 2, 3, 4, 5].map((at) => write(at)));
    await killing;
    const all = await follow(servers[0], token);
    if (all.length < total) throw new Error(`${all.length} changes of ${total}`);
    for (const [{ arrived }, { secret }, name] of [[any, secrets[0], 'best effort'], [ordered, secrets[1], 'in order']]) {
      const ids = () => new Set(arrived.map((one) => one.headers['webhook-id']));
      await until(() => ids().size >= all.length, 120, `${name}: ${all.length} changes`);
      equal(all.filter((id) => !ids().has(id)).length, 0, `${name}: missing`);
      equal(arrived.filter((one) => !signed(secret, one)).length, 0, `${name}: wrongly signed`);
    }
    // What is repeated was there before: the first arrivals are in order.
    const first = [...new Set(ordered.arrived.map((one) => one.sequence))];
    first.forEach((sequence, at) => { if (at && sequence < first[at - 1]) throw new Error(`${sequence} after ${first[at - 1]}`); });
    equal([...new Set(ordered.arrived.map((one) => one.headers['webhook-id']))].join(), all.join(), 'the order of the list');
    await Promise.all(servers.map((server) => server.stop()));
    check(database);
    say(`webhooks: ${all.length} changes, ${killed} kills, none missing, ${ordered.arrived.length - first.length} repeated in order`);
    [any, ordered].forEach((one) => one.close());
  });
};

/** A receiver that answers after fifteen seconds, and one that never does, beside a quick one. */
export const slow = async () => {
  await onPostgres('slow', async (database) => {
    const made = new Map();
    const quick = await receiver();
    const lazy = await receiver(() => sleep(15_000, 200));
    const server = await Server.start(database, { flags: FLAGS });
    const token = await server.signIn(ADMIN);
    for (let n = 0; n < 20; n++) await create(server, token, `${lazy.url}/${n}`);
    await create(server, token, quick.url);
    for (let n = 0; n < 200; n++) {
      const { setDepartment } = await server.ask(token, change(`Team ${n}`));
      made.set(setDepartment.department.id, performance.now());
      await sleep(50);
    }
    await until(() => quick.arrived.length >= 200, 30, 'the quick receiver');
    const delays = quick.arrived.map((one) => one.at - made.get(one.id)).sort((a, b) => a - b);
    const p99 = delays[Math.floor(delays.length * 0.99)];
    if (p99 > 1_000) throw new Error(`p99 of the quick receiver: ${p99} ms`);
    await server.stop();
    say(`slow: beside twenty slow receivers, half of 200 deliveries within ${Math.round(delays[100])} ms, p99 ${Math.round(p99)} ms`);
    [quick, lazy].forEach((one) => one.close());
  });
};

/** The secret is rotated again and again while changes flow: every delivery is signed with the secret that was valid before. */
export const rotation = async () => {
  await onPostgres('rotation', async (database) => {
    let known;
    let refused = 0;
    const target = await receiver((one) => {
      const fits = known.some((secret) => signed(secret, one));
      refused += fits ? 0 : 1;
      return fits ? 204 : 401;
    });
    const server = await Server.start(database, { flags: FLAGS });
    const token = await server.signIn(ADMIN);
    const { id, secret } = await create(server, token, target.url);
    known = [secret];
    let done = false;
    const rotate = async () => {
      for (let n = 0; n < 10; n++) {
        const { rotateWebhookSecret } = await server.ask(token,
          'mutation($id: ID!) { rotateWebhookSecret(input: {webhookId: $id}) { secret } }', { id });
        await sleep(300);
        // The receiver changes over later, to the new secret alone.
        known = [rotateWebhookSecret.secret];
        await sleep(100);
      }
      done = true;
    };
    const rotating = rotate();
    let made = 0;
    while (!done) { await server.ask(token, change(`Team ${made++}`)); }
    await rotating;
    await until(() => target.arrived.length >= made, 30, 'all deliveries');
    equal(refused, 0, 'refused deliveries');
    await server.stop();
    say(`rotation: ten rotations during ${made} deliveries, none refused`);
    target.close();
  });
};
