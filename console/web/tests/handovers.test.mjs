// Handovers and the audit log: lists with filters, one with its ledger, undo, and what is written on paper.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { ask, idOf, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, fits, loaded, start } from './harness.mjs';
import { button, count, go } from './lists.mjs';

let site;
let token;
/** One page for all: signing in takes its time. */
let page;

before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
  page = await site.open('/handovers');
  await loaded(page);
});
after(async () => {
  await site.settle();
  await site.stop();
});

const read = async (query, variables) => (await ask(site.company.url, token, query, variables)).data;

/** Picks a person for a filter. */
async function choose(filter, name) {
  await page.getByRole('button', { name: new RegExp(`^${filter}:`) }).first().click();
  const picker = page.getByRole('dialog', { name: filter });
  await picker.getByLabel('Search name, e-mail or position').fill(name);
  await picker.getByRole('listitem').filter({ hasText: name }).first().getByText(name).click();
  await accessible(page);
  await button(picker, 'Choose').click();
}

describe('handovers', () => {
  it('are filtered by state and person', async () => {
    await count(page, 'handovers').waitFor();
    await accessible(page);
    await choose('Of', 'Hana Bauer');
    await page.waitForURL(/from=user_/);
    await page.getByRole('link', { name: 'Work of Hana Bauer' }).waitFor();
    assert.equal(await count(page, 'handover').innerText(), '1 handover');
    await page.getByRole('button', { name: 'Remove Of: Hana Bauer' }).click();
    await page.getByLabel('State').selectOption('Under way');
    await page.getByText('No handover fits.').waitFor();
    await page.reload();
    await page.getByText('No handover fits.').waitFor();
    await accessible(page);
  });

  it('show what became of each item, and why', async () => {
    await go(page, '/handovers');
    await page.getByRole('link', { name: 'Work of Léa Alvarez' }).click();
    await page.getByRole('heading', { level: 1, name: 'Work of Léa Alvarez' }).waitFor();
    await page.getByText('13 of 13 moved').waitFor();
    await page.getByText('13 items').waitFor();
    await accessible(page);
    await page.getByLabel('Kind').selectOption('Tasks to do');
    await page.getByText('7 items').waitFor();
    const saved = page.waitForEvent('download');
    await button(page, 'Export').click();
    const lines = (await readFile(await (await saved).path(), 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, 8);
    assert.match(lines[1], /^TASK_RESPONSIBLE,task_\w+,.+,MOVED,/);
    await page.getByLabel('Outcome').selectOption('Failed');
    await page.getByText('No item fits.').waitFor();
    assert.match(page.url(), /outcome=FAILED/);
  });

  it('are printed without buttons', async () => {
    await page.emulateMedia({ media: 'print' });
    await fits(page);
    assert.equal(await button(page, 'Undo the handover').isVisible(), false);
    assert.ok(await page.getByText('13 of 13 moved').isVisible());
    await page.emulateMedia({ media: null });
  });

  it('are undone after a look at what comes back', async () => {
    await button(page, 'Undo the handover').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('table').waitFor();
    await accessible(page);
    await dialog.locator('footer').getByRole('button').last().click();
    await dialog.waitFor({ state: 'detached' });
    const link = page.getByRole('link', { name: /^Return of work/ });
    await link.waitFor();
    await link.click();
    await page.getByRole('heading', { level: 1, name: 'Return of work' }).waitFor();
    await page.getByText(/of 13 moved/).first().waitFor();
    await accessible(page);
  });

  it('say so when there is none', async () => {
    await go(page, '/handovers/handover_00000000000000000000000000');
    await page.getByText('This handover does not exist, or you may not see it.').waitFor();
    await accessible(page);
  });
});

describe('the audit log', () => {
  it('tells what has happened, in sentences', async () => {
    await go(page, '/audit');
    await count(page, 'entries').waitFor();
    await page.getByText('Samir Cohen dismissed Léa Alvarez').first().waitFor();
    assert.ok((await page.getByRole('heading', { level: 2 }).count()) > 1);
    await accessible(page);
    await page.getByRole('button', { name: /^Details – Samir Cohen dismissed Léa Alvarez/ }).click();
    await page.getByText('"reason": "Retired"').waitFor();
    await accessible(page);
  });

  it('is filtered by person, object, action and time', async () => {
    await choose('By', 'Samir Cohen');
    await choose('About', 'Léa Alvarez');
    await page.getByLabel('What').selectOption('user.dismissed');
    await page.getByLabel('Until').fill('2025-12-31');
    await page.waitForURL(/until=2025-12-31/);
    await page.getByText('1 entry').waitFor();
    await page.getByLabel('Until').fill('2025-01-31');
    await page.getByText('No entry fits.').waitFor();
    await accessible(page);
    await page.goBack();
    await page.getByText('1 entry').waitFor();
  });

  it('shows values before and after, with names for ids', async () => {
    const { tasks } = await read('{ tasks(first: 1, filter: {open: true}) { nodes { id responsible { name } } } }');
    const [task] = tasks.nodes;
    const heir = await idOf(site.company.url, token, 'Jonas Sato');
    await read('mutation($input: UpdateTaskInput!) { updateTask(input: $input) { userErrors { code } } }', {
      input: { taskId: task.id, responsibleId: heir, status: 'DEFERRED' },
    });
    await go(page, `/audit?about=${task.id}`);
    await page.getByRole('button', { name: /^Details – Samir Cohen changed the task/ }).first().click();
    const changes = page.getByRole('table', { name: 'Changes' });
    await changes.getByText('Jonas Sato').waitFor();
    await changes.getByText(task.responsible.name).waitFor();
    await changes.getByText('Deferred').waitFor();
    await accessible(page);
  });

  it('fits a narrow page', async () => {
    await page.setViewportSize({ width: 320, height: 700 });
    for (const path of ['/audit', '/handovers', '/work/tasks', '/work/crm', '/work/recurring', '/work/activities']) {
      await go(page, path);
      await page.locator('main p.count').first().waitFor();
      await accessible(page);
    }
  });
});
