// Every route: filled, empty and in error; narrow, zoomed, with forced colours; and with what opens above it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { connectDirectory } from './directories.mjs';
import { accessible, fits, loaded, start } from './harness.mjs';
import { button, go } from './lists.mjs';
import { LOCAL, receive } from './receiver.mjs';

const source = readFileSync(new URL('../console/routes.ts', import.meta.url), 'utf8');
const [ROUTES, PUBLIC] = source.split('PUBLIC_ROUTES').map((part) => [...part.matchAll(/path: '(.+?)'/g)].map(([, path]) => path));

let site;
let paths;
let receiver;
before(async () => {
  receiver = await receive();
  site = await start(LOCAL);
  const token = await tokenOf(site.company, site.company.people.administrator);
  const { data } = await ask(
    site.company.url,
    token,
    `{
      people: users(first: 100, filter: { status: [ACTIVE], role: EMPLOYEE }) { nodes { id work { total } calendars { id } drive { id } } }
      left: users(first: 1, filter: { dismissed: true }) { nodes { id } }
      handovers(first: 1) { nodes { id } }
      crmItems(first: 1) { nodes { id } }
      crmRoles { id }
      viewer { user { calendars { id } } }
    }`,
  );
  assert.ok(data, 'something of each kind');
  const { id: directory, scim } = await connectDirectory(site.company, token, 'Okta');
  await scim.group('Everybody', [await scim.person('anna', 'Anna Example')]);
  await scim('POST', '/Users', { schemas: [], userName: '' });
  const { data: created } = await ask(
    site.company.url,
    token,
    'mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } } }',
    { input: { url: receiver.url, events: ['USER_DISMISSED'] } },
  );
  const webhook = created.createWebhook.webhook.id;
  for (const answer of [204, 500]) {
    receiver.answer = answer;
    const before = receiver.requests.length;
    const test = 'mutation($input: TestWebhookInput!) { testWebhook(input: $input) { userErrors { message } } }';
    await ask(site.company.url, token, test, { input: { webhookId: webhook } });
    while (receiver.requests.length === before) await new Promise((later) => setTimeout(later, 100));
  }
  const person = data.people.nodes.toSorted((one, two) => two.work.total - one.work.total)[0];
  const ids = {
    '/people/:id/hire': data.left.nodes[0].id,
    '/handovers/:id': data.handovers.nodes[0].id,
    '/work/crm/:id': data.crmItems.nodes[0].id,
    '/files/:id': person.drive?.id,
    '/calendars/:id': person.calendars[0].id,
    '/settings/crm-roles/:id': data.crmRoles[0].id,
    '/directories/:id': directory,
    '/settings/webhooks/:id': webhook,
  };
  const filled = (path) => path.replace(':id', ids[path] ?? person.id);
  paths = ROUTES.flatMap((path) =>
    path.endsWith('/*?')
      ? ['', '/work', '/work?kind=TASK_RESPONSIBLE', '/files', '/calendars', '/sessions', '/history'].map((tab) => filled(path).replace('/*?', tab))
      : filled(path),
  );
});
afterEach(() => site.settle());
after(async () => {
  receiver?.stop();
  await site?.stop();
});

/** Answers differently to everything but who is signed in. */
const answers = (page, answer) =>
  page.route('**/graphql', (route) => {
    const body = route.request().postData() ?? '';
    return /"query":"query (?!Viewer\b)/.test(body) ? answer(route) : route.continue();
  });

/** Without anything in its lists. */
function emptied(value) {
  if (Array.isArray(value)) return value.map(emptied);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, emptied(field)]));
  if (!Array.isArray(value.nodes)) return fields;
  return {
    ...fields,
    nodes: [],
    ...('totalCount' in value && { totalCount: 0 }),
    ...(value.pageInfo && { pageInfo: { ...value.pageInfo, hasNextPage: false, endCursor: null } }),
  };
}

/** All that is wrong, not only the first. */
async function everywhere(page, check) {
  const wrong = [];
  for (const path of paths) {
    try {
      await go(page, path);
      await check(path);
      assert.equal(await page.getByText('This page has met an error').count(), 0, 'it breaks');
    } catch (cause) {
      wrong.push(`${path}: ${cause.message}`);
    }
  }
  assert.deepEqual(wrong, []);
}

describe('every route', () => {
  it('is accessible while nothing can be read', async () => {
    const page = await site.open('/me');
    await loaded(page);
    page.expectsErrors = true;
    const json = { data: null, errors: [{ message: 'broken', extensions: { code: 'INTERNAL' } }] };
    await answers(page, (route) => route.fulfill({ json }));
    // These read nothing before something is done.
    const silent = ['/people/dismiss'];
    await everywhere(page, async (path) => {
      await accessible(page);
      if (!silent.includes(path)) await page.getByText('That did not work').first().waitFor({ timeout: 5_000 });
    });
  });

  it('is accessible when there is nothing', async () => {
    const page = await site.open('/me');
    await loaded(page);
    await answers(page, async (route) => {
      // The page may have gone on meanwhile.
      const response = await route.fetch().catch(() => undefined);
      const json = await response?.json().catch(() => undefined);
      return json ? route.fulfill({ response, json: emptied(json) }).catch(() => {}) : route.abort().catch(() => {});
    });
    await everywhere(page, () => accessible(page));
  });

  it('is accessible with all there is, and fits at 320 px, zoomed to 200 %, with forced colours', async () => {
    const page = await site.open('/');
    await loaded(page);
    await everywhere(page, async () => {
      await accessible(page);
      await page.setViewportSize({ width: 720, height: 450 });
      await fits(page);
      await page.setViewportSize({ width: 320, height: 700 });
      await fits(page);
      await page.emulateMedia({ forcedColors: 'active' });
      await fits(page);
      await page.emulateMedia({ forcedColors: 'none' });
      await page.setViewportSize({ width: 1440, height: 900 });
    });
  });

  it('for guests is accessible at 320 px', async () => {
    const page = await site.open('/', { as: null, viewport: { width: 320, height: 700 } });
    for (const path of PUBLIC) {
      await page.goto(`${site.url}${path}#a-token`);
      await page.getByLabel('New password').or(page.getByText('That did not work')).waitFor();
      await accessible(page);
    }
  });
});

it('menus, dialogs, pickers and sheets are accessible at 320 px, dark', async () => {
  // High enough that the foot of a dialog covers nothing of it.
  const page = await site.open('/people', { viewport: { width: 320, height: 1400 }, colorScheme: 'dark' });
  const dialog = page.getByRole('dialog').last();
  const webhook = paths.find((path) => path.startsWith('/settings/webhooks/'));
  const openers = [
    ['/people', () => page.getByRole('button', { name: /^Actions for/ }).first(), page.getByRole('menu')],
    ['/work/tasks', () => button(page, 'New task'), dialog],
    ['/work/tasks', () => page.locator('tbody th button').first(), dialog],
    ['/work/tasks', () => page.getByRole('button', { name: /^Person:/ }).first(), dialog],
    ['/work/crm', () => button(page, 'New record'), dialog],
    ['/files', () => button(page, 'New folder…'), dialog],
    ['/calendars', () => button(page, 'New calendar'), dialog],
    ['/settings/crm-roles', () => button(page, 'New role'), dialog],
    ['/settings/integrations', () => button(page, 'New integration'), dialog],
    ['/directories', () => button(page, 'Connect a directory'), dialog],
    [paths.find((path) => path.startsWith('/directories/')), () => button(page, 'Add rules…'), dialog],
    [paths.find((path) => path.startsWith('/directories/')), () => button(page, 'Map… – Everybody'), dialog],
    [paths.find((path) => path.startsWith('/directories/')), () => button(page, 'Secrets…'), dialog],
    ['/settings/sign-in', () => button(page, 'New identity provider'), dialog],
    ['/settings/sign-in', () => button(page, 'Add people…'), dialog],
    ['/settings/webhooks', () => button(page, 'New webhook'), dialog],
    [webhook, () => button(page, 'Edit…'), dialog],
    [webhook, () => button(page, 'Send a test…'), dialog],
    [webhook, () => button(page, 'Rotate the secret…'), dialog],
    [webhook, () => button(page, 'Disable…'), page.getByRole('alertdialog')],
    [webhook, () => button(page, 'Delete…'), page.getByRole('alertdialog')],
    [webhook, () => button(page, 'Redeliver those of a time…'), dialog],
    [webhook, () => page.locator('tbody th button').first(), dialog],
    ['/departments', () => button(page, 'New department'), dialog],
    [paths.find((path) => /^\/people\/user_\w+$/.test(path)), () => button(page, 'Edit…'), dialog],
  ];
  for (const [path, opener, opened] of openers) {
    await go(page, path);
    await opener().click();
    await opened.first().waitFor();
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
    await accessible(page);
    await page.keyboard.press('Escape');
    await opened.first().waitFor({ state: 'detached' });
  }
  await page.keyboard.press('Control+k');
  await dialog.waitFor();
  await accessible(page);
});
