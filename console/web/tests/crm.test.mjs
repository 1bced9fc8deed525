// CRM records and their activities: filters, forms, and assigning many at once.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';
import { agree, button, count, counted, go } from './lists.mjs';

let site;
let token;
/** One page for all: signing in takes its time. */
let page;

before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
});
after(() => site.stop());

const read = async (query, variables) => (await ask(site.company.url, token, query, variables)).data;

describe('CRM', () => {
  before(async () => {
    page = await site.open('/work/crm?holder=none');
    await loaded(page);
  });
  after(() => site.settle());

  it('filters by kind, holder and stage', async () => {
    await count(page, 'records').waitFor();
    const query = '{ crmItems(filter: {unassigned: true, closed: false}) { totalCount } }';
    assert.equal(await counted(page, 'records'), (await read(query)).crmItems.totalCount);
    await go(page, '/work/crm?kind=DEAL');
    await page.getByLabel('Stage').fill('PROPOSAL');
    await page.waitForURL(/stage=PROPOSAL/);
    await page.getByText('PROPOSAL').first().waitFor();
    await accessible(page);
  });

  it('creates a record, changes it, and adds an activity', async () => {
    await go(page, '/work/crm');
    await button(page, 'New record').click();
    const dialog = page.getByRole('dialog', { name: 'New record' });
    await dialog.getByLabel('Title').fill('Lanterns for the harbour');
    await dialog.getByLabel('Amount').fill('12,50');
    await dialog.getByLabel('Currency').fill('eur');
    await button(dialog, 'Create').click();
    await dialog.locator('[aria-invalid]').waitFor();
    await accessible(page);
    await dialog.getByLabel('Amount').fill('1250.50');
    await button(dialog, 'Create').click();
    await page.getByRole('heading', { level: 1, name: 'Lanterns for the harbour' }).waitFor();
    await page.getByText('€1,250.50').waitFor();
    await accessible(page);

    await button(page, 'Edit').click();
    const edit = page.getByRole('dialog', { name: 'Edit the record' });
    await edit.getByLabel('Stage').fill('WON');
    await edit.getByLabel('Closed').check();
    await button(edit, 'Save').click();
    await edit.waitFor({ state: 'detached' });
    await page.getByText('WON').waitFor();

    await button(page, 'New activity').click();
    const activity = page.getByRole('dialog', { name: 'New activity' });
    await activity.getByLabel('Subject').fill('Call the harbour master');
    await accessible(page);
    await button(activity, 'Create').click();
    const done = page.getByRole('checkbox', { name: 'Done: Call the harbour master' });
    await done.click();
    await page.waitForFunction(() => document.querySelector('td input:checked'));
    const { crmActivities } = await read('{ crmActivities { nodes { subject completed } } }');
    assert.deepEqual(crmActivities.nodes, [{ subject: 'Call the harbour master', completed: true }]);
    await go(page, '/work/activities');
    await page.getByText('There are no activities to do that you can see.').waitFor();
    await page.getByRole('radio', { name: 'Done' }).check();
    await button(page, 'Call the harbour master').waitFor();
    await accessible(page);
  });

  it('assigns the records of those who have left, evenly', async () => {
    await go(page, '/work/crm?holder=left');
    await count(page, 'records').waitFor();
    const all = await counted(page, 'records');
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    const more = page.getByRole('button', { name: `Select all ${all} that match` });
    if (await more.isVisible()) await more.click();
    await button(page, 'Assign…').click();
    const dialog = page.getByRole('dialog', { name: 'Assign CRM records' });
    const id = await agree(page, dialog, ['Rosa Castro', 'Pavel Becker', 'Jonas Sato'], all);
    await page.getByText(`${all} of ${all} moved`).first().waitFor();
    const { node } = await read('query($id: ID!) { node(id: $id) { ... on Handover { lines { kind moved } } } }', { id });
    assert.ok(new Set(node.lines.map(({ kind }) => kind)).size > 1);
    await go(page, '/work/crm?holder=left');
    await page.getByText('No record fits.').waitFor();
  });
});
