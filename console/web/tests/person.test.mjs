// The profile of a person.

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
const refused = (page) => page.locator('[aria-invalid]');
const button = (page, name) => page.getByRole('button', { name, exact: true });

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

describe('a profile', () => {
  it('shows a person in parts that have addresses, without barriers', async () => {
    const [person] = await busy();
    const page = await site.open(`/people/${person.id}`);
    await page.getByRole('heading', { level: 1, name: person.name }).waitFor();
    await loaded(page);
    await accessible(page);
    for (const tab of ['Work', 'Files', 'Calendars', 'Sessions', 'History']) {
      await page.getByRole('navigation', { name: 'Profile' }).getByRole('link', { name: tab }).click();
      await loaded(page);
      assert.match(page.url(), new RegExp(`/people/${person.id}/${tab.toLowerCase()}$`));
      assert.equal(await page.title(), `${person.name}: ${tab} – Handover`);
      await accessible(page);
    }
    await page.reload();
    await page.getByRole('navigation', { name: 'Profile' }).getByRole('link', { name: 'History', exact: true }).waitFor();
  });

  it('opens the items of each kind of work', async () => {
    const [person] = await busy();
    const { work } = await api('query($id: ID!) { user(id: $id) { work { lines { kind open closed } } } }', {
      id: person.id,
    });
    const page = await site.open(`/people/${person.id}/work`);
    for (const { kind, open, closed } of work.lines) {
      await page.locator(`th a[href$="?kind=${kind}"]`).click();
      const dialog = page.getByRole('dialog');
      const rows = dialog.getByRole('row');
      const shown = (count) =>
        dialog.getByRole('status').getByText(count === 1 ? '1 item' : `${count} items`, { exact: true }).waitFor();
      await shown(open);
      assert.equal(await rows.count(), open === 0 ? 0 : Math.min(open, 50) + 1, kind);
      await dialog.getByRole('radio', { name: 'All' }).check();
      await shown(open + closed);
      if (kind === 'CRM_DEAL') await accessible(page);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      assert.match(page.url(), /\/work$/);
    }
  });

  it('is changed, field by field', async () => {
    const [, person, other] = await busy();
    const page = await site.open(`/people/${person.id}`);
    await button(page, 'Edit…').click();
    const dialog = page.getByRole('dialog', { name: `Edit ${person.name}` });
    await dialog.getByLabel('Position').fill('Keeper of Keys');
    await dialog.getByLabel('E-mail').fill(other.email);
    await accessible(page);
    await button(dialog, 'Save').click();
    await dialog.getByText('Another person has this e-mail address.').waitFor();
    assert.equal(await refused(dialog).getAttribute('name'), 'email');
    assert.ok(await refused(dialog).evaluate((field) => field === document.activeElement), 'the field is focused');
    await dialog.getByLabel('E-mail').fill(person.email);
    await button(dialog, 'Save').click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator('header.head').getByText('Keeper of Keys').waitFor();
    const saved = await api('query($id: ID!) { user(id: $id) { position email } }', { id: person.id });
    assert.deepEqual(saved, { position: 'Keeper of Keys', email: person.email });
    await go(page, `/people/${person.id}/history`);
    await page.getByRole('button', { name: /^Details/ }).first().click();
    await page.getByRole('row', { name: /^Position / }).getByText('Keeper of Keys').waitFor();
    await accessible(page);
  });

  it('offers nothing that its viewer may not do', async () => {
    const [person] = await busy();
    const page = await site.open(`/people/${person.id}`, { as: site.company.people.employee });
    await page.getByRole('heading', { level: 1, name: person.name }).waitFor();
    await loaded(page);
    for (const name of ['Dismiss…', 'Edit…', 'Hand over work…', `Actions for ${person.name}`, 'Sessions', 'History']) {
      assert.equal(await page.locator('#main').getByText(name, { exact: true }).count(), 0, name);
    }
    await go(page, '/people/user_00000000000000000000000000');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  });

  it('ends the sessions of a person', async () => {
    const [, , person] = await busy();
    for (let time = 0; time < 3; time += 1) await tokenOf(site.company, person.email);
    const page = await site.open(`/people/${person.id}/sessions`);
    await page.getByText('3 sessions').waitFor();
    await page.getByRole('button', { name: /^End –/ }).first().click();
    await page.getByText('2 sessions').waitFor();
    await button(page, 'End all sessions').click();
    const dialog = page.getByRole('alertdialog');
    await accessible(page);
    await button(dialog, 'End all sessions').click();
    await page.getByText('Not signed in anywhere.').waitFor();
  });
});

it('fits on narrow screens', async () => {
  const [person] = await busy();
  const { nodes } = await api('{ users(first: 1, filter: { dismissed: true }) { nodes { id } } }');
  const page = await site.open(`/people/${person.id}`, { viewport: { width: 320, height: 640 } });
  for (const path of [
    `/people/${person.id}`,
    `/people/${person.id}/work`,
    `/people/${person.id}/work?kind=CRM_DEAL`,
    `/people/${person.id}/sessions`,
    `/people/${person.id}/history`,
    `/people/${nodes[0].id}`,
    `/people/${nodes[0].id}/hire`,
    '/people/invite',
    '/dismissals?state=force',
    '/me',
    '/me/security',
  ]) {
    await go(page, path);
    await accessible(page);
  }
});
