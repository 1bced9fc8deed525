// Webhooks: created, tested, failing, disabled and deleted; and what becomes of their deliveries.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';
import { button } from './lists.mjs';
import { LOCAL, isSignedWith, receive } from './receiver.mjs';

let site;
let token;
let receiver;
before(async () => {
  receiver = await receive();
  site = await start(LOCAL);
  token = await tokenOf(site.company, site.company.people.administrator);
});
afterEach(() => site.settle());
after(async () => {
  receiver?.stop();
  await site?.stop();
});

async function api(query, variables) {
  const { data, errors } = await ask(site.company.url, token, query, variables);
  assert.equal(errors, undefined);
  return Object.values(data)[0];
}

const STATE = 'query($id: ID!) { node(id: $id) { ... on Webhook { url events order state oldSecretUntil } } }';
const DELIVERIES = `query($id: ID!) { node(id: $id) { ... on Webhook {
  deliveries(first: 100) { nodes { id event state attempts } }
} } }`;
const deliveriesOf = async (id) => (await api(DELIVERIES, { id })).deliveries.nodes;

/** Creates a webhook to the receiver; returns its id and its secret. */
async function webhook(input = {}) {
  const { webhook, secret, userErrors } = await api(
    `mutation($input: CreateWebhookInput!) { createWebhook(input: $input) {
      secret webhook { id } userErrors { message }
    } }`,
    { input: { url: receiver.url, events: ['DEPARTMENT_CREATED'], ...input } },
  );
  assert.deepEqual(userErrors, []);
  return { id: webhook.id, secret };
}

let departments = 0;
/** Something that webhooks announce. */
const happen = () =>
  api('mutation($input: SetDepartmentInput!) { setDepartment(input: $input) { userErrors { message } } }', {
    input: { name: `Department ${(departments += 1)}` },
  });

const rows = (page) => page.getByRole('table', { name: 'Deliveries' }).locator('tbody').getByRole('row');
const dialog = (page) => page.getByRole('dialog');

describe('a webhook', () => {
  it('is created: problems at their fields, and its secret once', async () => {
    const page = await site.open('/settings/integrations');
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Webhooks' }).click();
    await page.getByText('There are no webhooks').waitFor();
    await accessible(page);
    await button(page, 'New webhook').click();
    await button(dialog(page), 'Create').click();
    await dialog(page).getByText('This has to be filled in.').waitFor();
    await dialog(page).getByText('Choose at least one event.').waitFor();
    const url = dialog(page).getByLabel('URL');
    assert.ok(await url.evaluate((field) => field === document.activeElement), 'the problem has the focus');
    await accessible(page);

    await url.fill('https://10.1.2.3/hook');
    const people = dialog(page).getByRole('group', { name: 'People' });
    await people.getByLabel('People: all').check();
    assert.equal(await people.getByRole('checkbox', { checked: true }).count(), 7);
    await people.getByLabel('People: all').uncheck();
    await people.getByLabel('A person was dismissed').check();
    await dialog(page).getByLabel('A department was created').check();
    await page.keyboard.press('Enter');
    await dialog(page).getByText('Requests may not be sent to this address.').waitFor();
    assert.equal(await url.getAttribute('aria-invalid'), 'true');
    assert.ok(await url.evaluate((field) => field === document.activeElement), 'the problem has the focus');
    await accessible(page);

    await url.fill(receiver.url);
    await dialog(page).getByLabel('In order').check();
    await button(dialog(page), 'Create').click();
    const secret = page.getByRole('textbox', { name: 'Secret' });
    await secret.waitFor();
    const value = await secret.inputValue();
    assert.match(value, /^whsec_/);
    await page.keyboard.press('Escape');
    assert.equal(await secret.inputValue(), value);
    await button(page, 'Copy – Secret').click();
    await page.getByText(/^(Copied|It could not be copied)/).waitFor();
    await accessible(page);
    await button(page, 'I have stored it').click();
    const row = page.getByRole('row').filter({ hasText: receiver.url });
    await row.getByText('Enabled').waitFor();
    await row.getByText('A person was dismissed').waitFor();
    await row.getByText('In order').waitFor();
    assert.equal(await page.getByText(value).count(), 0);
    await row.getByRole('link').click();
    await page.getByRole('heading', { name: new URL(receiver.url).host, level: 1 }).waitFor();
    await page.getByText('Nothing was sent in the last thirty days.').waitFor();
    await accessible(page);
    const id = page.url().split('/').at(-1);
    const { events, order } = await api(STATE, { id });
    assert.deepEqual([events, order], [['DEPARTMENT_CREATED', 'USER_DISMISSED'], 'IN_ORDER']);
    await api('mutation($input: DeleteWebhookInput!) { deleteWebhook(input: $input) { userErrors { message } } }', {
      input: { webhookId: id },
    });
  });

  it('is tested: the test arrives, and is shown as delivered with its attempt', async () => {
    const { id, secret } = await webhook();
    const page = await site.open(`/settings/webhooks/${id}`);
    await loaded(page);
    await button(page, 'Send a test…').click();
    await accessible(page);
    await dialog(page).getByLabel('Event').selectOption({ label: 'A person was dismissed' });
    await button(dialog(page), 'Send').click();
    await page.getByText('The test is on its way').waitFor();
    await rows(page).first().getByText('Delivered').waitFor();
    await rows(page).first().getByText('Status 204').waitFor();
    const request = receiver.requests.at(-1);
    assert.ok(isSignedWith(request, secret));
    assert.deepEqual([request.event.type, request.event.data.test], ['user.dismissed', true]);
    await rows(page).first().getByRole('button', { name: /^A person was dismissed/ }).click();
    await dialog(page).getByRole('table', { name: 'Attempts' }).getByText('Status 204').waitFor();
    await dialog(page).getByText(/^\d+ ms$/).waitFor();
    await dialog(page).getByText(request.headers['webhook-id']).waitFor();
    await accessible(page);
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 320, height: 700 });
    await accessible(page);
  });

  it('says why a delivery failed, and delivers it again', async () => {
    const { id } = await webhook();
    receiver.answer = 500;
    const page = await site.open(`/settings/webhooks/${id}`);
    await loaded(page);
    await happen();
    // What others do is not announced to the page.
    await page.reload();
    await rows(page).first().getByText('Status 500').waitFor();
    await rows(page).first().getByText('Waiting').waitFor();
    await page.getByText('Failing since').waitFor();
    await page.getByLabel('State').selectOption({ label: 'Delivered' });
    await page.getByText('Nothing fits these filters.').waitFor();
    await page.waitForURL(/state=DELIVERED/);
    await page.getByLabel('State').selectOption({ label: 'Waiting' });
    await rows(page).first().waitFor();
    await page.getByLabel('State').selectOption({ label: 'All' });
    await accessible(page);

    receiver.answer = 204;
    await rows(page).first().getByRole('button', { name: /^Redeliver: A department was created/ }).click();
    await page.getByText('It is sent again.').waitFor();
    await rows(page).first().getByText('Delivered').waitFor();
    await page.getByText('Failing since').waitFor({ state: 'detached' });
    await rows(page).first().getByRole('button', { name: /^A department was created/ }).click();
    const attempts = dialog(page).getByRole('table', { name: 'Attempts' });
    await attempts.getByText('Status 500').first().waitFor();
    await attempts.getByText('Status 204').waitFor();
    await page.keyboard.press('Escape');

    const before = receiver.requests.length;
    await button(page, 'Redeliver those of a time…').click();
    await accessible(page);
    await button(dialog(page), 'Redeliver').click();
    await page.getByText('They are sent again.').waitFor();
    await rows(page).first().getByText('Delivered').waitFor();
    for (let tries = 0; receiver.requests.length === before && tries < 100; tries += 1) await page.waitForTimeout(100);
    const [first, again] = [receiver.requests[before - 1], receiver.requests[before]];
    assert.equal(again.headers['webhook-id'], first.headers['webhook-id']);
  });

  it('gets a new secret, and keeps the old one for a time', async () => {
    const { id, secret: old } = await webhook();
    const page = await site.open(`/settings/webhooks/${id}`);
    await loaded(page);
    await button(page, 'Rotate the secret…').click();
    const hours = dialog(page).getByLabel('Keep the old secret for (hours)');
    assert.equal(await hours.inputValue(), '24');
    await hours.fill('200');
    await button(dialog(page), 'Rotate').click();
    await dialog(page).getByText('Enter a whole number from 0 to 168.').waitFor();
    await accessible(page);
    await hours.fill('2');
    await page.keyboard.press('Enter');
    const secret = page.getByRole('textbox', { name: 'Secret' });
    await secret.waitFor();
    const value = await secret.inputValue();
    assert.notEqual(value, old);
    await accessible(page);
    await button(page, 'I have stored it').click();
    await page.getByText(/it is signed with the secret before the last rotation too/).waitFor();
    await button(page, 'Send a test…').click();
    await button(dialog(page), 'Send').click();
    await rows(page).first().getByText('Delivered').waitFor();
    const request = receiver.requests.at(-1);
    assert.ok(isSignedWith(request, old) && isSignedWith(request, value));
    assert.equal(request.event.type, 'ping');
  });

  it('is edited, disabled, and enabled with what was held', async () => {
    const { id } = await webhook();
    const page = await site.open(`/settings/webhooks/${id}`);
    await loaded(page);
    await button(page, 'Edit…').click();
    await accessible(page);
    await dialog(page).getByLabel('Departments: all').check();
    await dialog(page).getByLabel('URL').fill('ftp://127.0.0.1/');
    await button(dialog(page), 'Save').click();
    await dialog(page).locator('input[aria-invalid]').waitFor();
    await dialog(page).getByLabel('URL').fill(`${receiver.url}/new`);
    await button(dialog(page), 'Save').click();
    await page.getByText('Saved.').waitFor();
    await page.getByText('A department was changed').waitFor();
    const saved = await api(STATE, { id });
    assert.deepEqual([saved.url, saved.events], [`${receiver.url}/new`, ['DEPARTMENT_CREATED', 'DEPARTMENT_UPDATED']]);

    await button(page, 'Disable…').click();
    await page.getByRole('alertdialog').getByText('Nothing more is sent.').waitFor();
    await button(page, 'Disable').click();
    await page.getByText(/^Disabled since/).waitFor();
    assert.equal((await api(STATE, { id })).state, 'DISABLED');
    assert.equal(await page.getByRole('button', { name: 'Send a test…' }).count(), 0);
    await happen();
    await page.reload();
    await rows(page).first().getByText('Held').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Redeliver/ }).count(), 0);
    await accessible(page);

    await button(page, 'Enable…').click();
    await dialog(page).getByLabel('Send what was held since a time').check();
    await dialog(page).getByRole('group', { name: /^Since/ }).waitFor();
    await accessible(page);
    await button(dialog(page), 'Enable').click();
    await page.getByText('The webhook was enabled.').waitFor();
    await rows(page).first().getByText('Delivered').waitFor();
    assert.equal((await api(STATE, { id })).state, 'ENABLED');
    const deliveries = (await deliveriesOf(id)).map(({ event, state }) => [event, state]);
    assert.deepEqual(deliveries, [['DEPARTMENT_CREATED', 'DELIVERED']]);

    // Again, and nothing of what was held.
    await button(page, 'Disable…').click();
    await button(page, 'Disable').click();
    await page.getByText(/^Disabled since/).waitFor();
    await happen();
    await button(page, 'Enable…').click();
    await dialog(page).getByLabel('Send nothing of it').check();
    await button(dialog(page), 'Enable').click();
    await page.getByText(/^Disabled since/).waitFor({ state: 'detached' });
    await page.reload();
    await rows(page).first().getByText('Held').waitFor();
  });

  it('is deleted', async () => {
    const { id } = await webhook();
    const page = await site.open(`/settings/webhooks/${id}`);
    await loaded(page);
    await button(page, 'Delete…').click();
    await accessible(page);
    await button(page.getByRole('alertdialog'), 'Delete').click();
    await page.getByText(/^The webhook to .* was deleted\.$/).waitFor();
    await page.waitForURL(/\/settings\/webhooks$/);
    assert.ok(!(await api('{ webhooks { id } }')).some((one) => one.id === id));
    await page.goto(`${site.url}/settings/webhooks/${id}`);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  });

  it('belongs to an integration that may receive what changes', async () => {
    const create = (name, scopes) =>
      api('mutation($input: CreateIntegrationInput!) { createIntegration(input: $input) { userErrors { message } } }', {
        input: { name, scopes },
      });
    await create('Reader', ['READ_WORK']);
    await create('Listener', ['READ_EVENTS']);
    const page = await site.open('/settings/webhooks');
    await loaded(page);
    await button(page, 'New webhook').click();
    const select = dialog(page).getByLabel('Integration', { exact: true });
    await select.getByRole('option', { name: 'Listener' }).waitFor({ state: 'attached' });
    assert.equal(await select.getByRole('option').count(), 2);
    await select.selectOption({ label: 'Listener' });
    await dialog(page).getByLabel('URL').fill(receiver.url);
    await dialog(page).getByLabel('A session was ended').check();
    await button(dialog(page), 'Create').click();
    await dialog(page).getByText(/lacks the scope READ_AUDIT_LOG/).waitFor();
    assert.equal(await select.getAttribute('aria-invalid'), 'true');
    await dialog(page).getByLabel('A session was ended').uncheck();
    await dialog(page).getByLabel('A person was hired back').check();
    await button(dialog(page), 'Create').click();
    await button(page, 'I have stored it').click();
    await page.getByRole('cell', { name: 'Listener' }).waitFor();

    await page.getByRole('link', { name: 'Integrations' }).click();
    await page.getByRole('button', { name: 'Actions for Listener' }).click();
    await page.getByRole('menuitem', { name: 'Revoke…' }).click();
    await button(page, 'Revoke now').click();
    await page.getByText('“Listener” was revoked.').waitFor();
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByRole('row').filter({ hasText: 'Listener' }).getByText('Disabled').waitFor();
  });

  it('is in the audit log, and in German', async () => {
    const { id } = await webhook();
    const page = await site.open('/audit');
    await page.getByText('created the webhook 127.0.0.1').first().waitFor();
    await page.getByRole('button', { name: /Account and appearance/ }).click();
    await page.getByRole('radio', { name: 'Deutsch' }).check();
    await page.keyboard.press('Escape');
    await page.getByText('hat den Webhook 127.0.0.1').first().waitFor();
    await page.evaluate((id) => history.pushState(null, '', `/settings/webhooks/${id}`), id);
    await page.getByRole('heading', { name: 'Zustellungen' }).waitFor();
    await page.getByText('In den letzten dreißig Tagen wurde nichts geschickt.').waitFor();
    await page.getByText('Eine Abteilung wurde angelegt').waitFor();
    await accessible(page);
  });
});
