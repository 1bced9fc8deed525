// Dismissals, and hiring back.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';

let site;
let token;

before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
});
afterEach(() => site.settle());
after(() => site.stop());

/** Asks the API as the administrator; the one field of the answer. */
async function api(query, variables) {
  const { data, errors } = await ask(site.company.url, token, query, variables);
  assert.equal(errors, undefined);
  return Object.values(data)[0];
}
const button = (page, name) => page.getByRole('button', { name, exact: true });
const link = (page, name) => page.getByRole('link', { name, exact: true });

/** Goes on within the page: a reload is slow. */
async function go(page, path) {
  await page.evaluate((path) => history.pushState(null, '', path), path);
  await loaded(page);
}

/** People who work here, and hold much. */
async function busy() {
  const people = await api(`{ users(first: 40, filter: { status: [ACTIVE], role: EMPLOYEE }) {
    nodes { id name email head { id } work { total } } } }`);
  return people.nodes.filter(({ head }) => head).sort((one, other) => other.work.total - one.work.total);
}

/** Waits for the end of a handover. */
async function until(id) {
  for (;;) {
    const { state } = await api('query($id: ID!) { node(id: $id) { ... on Handover { state } } }', { id });
    if (state !== 'QUEUED' && state !== 'RUNNING') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('dismissals', () => {
  it('lists what is scheduled, and calls it off', async () => {
    const [, , , person] = await busy();
    const effectiveAt = new Date(Date.now() + 7 * 86_400_000).toISOString();
    await api('mutation($input: DismissUserInput!) { dismissUser(input: $input) { userErrors { code } } }', {
      input: { userId: person.id, effectiveAt, reason: 'Moves to the sea' },
    });
    const page = await site.open('/dismissals?state=scheduled');
    const row = page.getByRole('row', { name: person.name });
    await row.getByText('Moves to the sea').waitFor();
    await accessible(page);
    await row.getByRole('link', { name: person.name, exact: true }).click();
    await page.getByText(`${person.name} will be dismissed on`).waitFor();
    await loaded(page);
    await accessible(page);
    await button(page, 'Call off').click();
    await button(page.getByRole('alertdialog'), 'Call off').click();
    await page.getByRole('status').getByText(`The dismissal of ${person.name} was called off.`).waitFor();
    await page.getByText(`${person.name} will be dismissed on`).waitFor({ state: 'detached' });
    await go(page, '/dismissals');
    await page.getByText('No dismissal is scheduled.').waitFor();
    await page.getByRole('radio', { name: 'Called off' }).check();
    await page.getByRole('row', { name: person.name }).waitFor();
    assert.match(page.url(), /state=called-off/);
  });

  it('brings somebody back with their work', async () => {
    const [, , , , person] = await busy();
    const dismissed = await api(
      `mutation($input: DismissUserInput!) { dismissUser(input: $input) {
        handover { id } userErrors { code message } } }`,
      { input: { userId: person.id, restTo: { userId: person.head.id } } },
    );
    assert.deepEqual(dismissed.userErrors, []);
    await until(dismissed.handover.id);
    const plan = await api('query($id: ID!) { returnPlan(userId: $id) { total } }', { id: person.id });

    const page = await site.open(`/people/${person.id}`);
    await link(page, 'Hire…').click();
    await page.getByRole('heading', { level: 1, name: `Hire ${person.name} back` }).waitFor();
    await page.getByLabel(`With their work: ${plan.total} items`).waitFor();
    await accessible(page);
    await button(page, 'Hire back').click();
    const heading = page.getByRole('heading', { level: 1, name: `${person.name} works here again` });
    await heading.waitFor();
    assert.ok(await heading.evaluate((one) => one === document.activeElement), 'the heading is focused');
    await page.getByText(`${plan.total} of ${plan.total} moved`).waitFor();
    await page.reload();
    await page.getByText(`${plan.total} of ${plan.total} moved`).waitFor();
    await loaded(page);
    await accessible(page);
    const back = await api('query($id: ID!) { user(id: $id) { status work { total } } }', { id: person.id });
    assert.equal(back.status, 'ACTIVE');
    assert.equal(back.work.total, person.work.total);
  });

  it('brings somebody back without their work', async () => {
    const [, , , , , person] = await busy();
    await api('mutation($input: DismissUserInput!) { dismissUser(input: $input) { userErrors { code } } }', {
      input: { userId: person.id },
    });
    const page = await site.open(`/people/${person.id}/hire`);
    await page.getByText('Nothing would come back.').waitFor();
    await button(page, 'Hire back').click();
    await page.getByRole('heading', { name: `${person.name} works here again` }).waitFor();
    await page.getByText('No work comes back.').waitFor();
    await go(page, `/people/${person.id}/hire`);
    await page.getByText('This person is not dismissed.').waitFor();
  });
});
