// Lists as files for spreadsheets: what is filtered, and what happens when that fails.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';
import { button, count, counted, go } from './lists.mjs';

let site;
let token;
let page;

before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
});
after(() => site?.stop());

const read = async (query, variables) => (await ask(site.company.url, token, query, variables)).data;

/** Exports what the page shows; returns the lines of the file, without the first. */
async function exported(name = 'Export') {
  const saved = page.waitForEvent('download');
  await button(page, name).click();
  const text = await readFile(await (await saved).path(), 'utf8');
  return text.trim().split('\r\n').slice(1);
}

describe('exports', () => {
  before(async () => {
    page = await site.open('/people?q=ma');
    await loaded(page);
  });
  after(() => site.settle());

  it('have the people that are filtered', async () => {
    await count(page, 'people').waitFor();
    assert.equal((await exported()).length, await counted(page, 'people'));
    await accessible(page);
  });

  it('have all tasks that fit, also those that are not loaded', async () => {
    await go(page, '/work/tasks?q=the');
    await count(page, 'tasks').waitFor();
    const all = await counted(page, 'tasks');
    assert.ok(all > 50, `${all} tasks`);
    assert.equal((await exported()).length, all);
  });

  it('have the records that may be exported, and say so', async () => {
    await go(page, '/work/crm?kind=DEAL');
    await count(page, 'records').waitFor();
    const lines = await exported();
    assert.equal(lines.length, await counted(page, 'records'));
    assert.ok(lines.every((line) => line.includes(',DEAL,')));
    await page.getByText('Exported, without the records that your CRM roles don’t let you export.').waitFor();
  });

  it('have the entries of the log', async () => {
    await go(page, '/audit?action=session.started');
    await count(page, 'entr').waitFor();
    const lines = await exported();
    assert.ok(lines.length > 0 && lines.every((line) => line.includes(',session.started,')));
  });

  it('have what became of each item of a handover', async () => {
    const people = '{ users(first: 100, filter: {dismissed: false, role: EMPLOYEE}) { nodes { id status work { total } } } }';
    const [leaver, recipient] = (await read(people)).users.nodes.filter(
      ({ status, work }) => status === 'ACTIVE' && work.total > 0,
    );
    const input = {
      userId: leaver.id,
      handover: [],
      restTo: { userId: recipient.id },
    };
    const dismiss = `mutation($input: DismissUserInput!) {
      dismissUser(input: $input) { handover { id } userErrors { code message } }
    }`;
    const { handover, userErrors } = (await read(dismiss, { input })).dismissUser;
    assert.deepEqual(userErrors, []);
    await go(page, `/handovers/${handover.id}`);
    await count(page, 'item').waitFor();
    assert.equal((await exported()).length, await counted(page, 'item'));
    await page.getByLabel('Outcome').selectOption('Failed');
    await page.getByText('No item fits.').waitFor();
    assert.deepEqual(await exported(), []);
  });

  it('say in words why they failed', async () => {
    await go(page, '/people');
    page.expectsErrors = true;
    const refuse = (status, code) =>
      page.route('**/export/**', (route) =>
        route.fulfill({ status, json: { errors: [{ message: 'refused', extensions: { code } }] } }),
      );
    await refuse(403, 'FORBIDDEN');
    await button(page, 'Export').click();
    await page.getByText('The export did not work. You may not do or see this.').waitFor();
    await accessible(page);
    await page.unroute('**/export/**');
    await page.route('**/export/**', (route) => route.abort());
    await button(page, 'Export').click();
    await page.getByText('The export did not work. There is no connection to the server.').waitFor();
    await page.unroute('**/export/**');
    page.expectsErrors = false;
  });
});
