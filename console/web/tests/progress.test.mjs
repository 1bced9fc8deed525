// A handover that takes its time: followed over a reload, cancelled, failed in part, tried again, and undone once.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';
import { button, go } from './lists.mjs';

const skip = spawnSync('sqlite3', ['--version']).error ? 'sqlite3 is not installed' : false;
const TASKS = 30;

let site;
let token;
/** One page for all: signing in takes its time. */
let page;

before(async () => {
  // An item at a time, so that there is something to watch.
  site = await start({ HANDOVER_CHUNK: '1' });
  token = await tokenOf(site.company, site.company.people.administrator);
  page = await site.open('/people');
  await loaded(page);
});
after(async () => {
  await site?.settle();
  await site?.stop();
});

async function api(query, variables) {
  const { data, errors } = await ask(site.company.url, token, query, variables);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

const sql = (statement) => execFileSync('sqlite3', ['-cmd', '.timeout 20000', site.company.database, statement]);
const heading = (name) => page.getByRole('heading', { name, exact: true });

/** Somebody who works here and holds no more than these tasks besides what they had. */
const taken = new Set();
async function holder(titles) {
  const { users } = await api(`{ users(first: 100, filter: { status: [ACTIVE], role: EMPLOYEE }) {
    nodes { id name head { id } work { total } } } }`);
  const person = users.nodes.find(({ id, head, work }) => head && work.total > 0 && !taken.has(id) && !taken.has(head.id));
  taken.add(person.id).add(person.head.id);
  const made = titles.map(
    (title, at) => `_${at}: createTask(input: { title: "${title}", responsibleId: "${person.id}" }) { userErrors { code } }`,
  );
  await api(`mutation { ${made.join(' ')} }`);
  return person;
}

/** Dismisses somebody; the handover of everything to their head begins. */
async function dismiss({ id, head }) {
  const { dismissUser } = await api(
    `mutation($input: DismissUserInput!) { dismissUser(input: $input) { handover { id } userErrors { code message } } }`,
    { input: { userId: id, restTo: { userId: head.id } } },
  );
  assert.deepEqual(dismissUser.userErrors, []);
  return dismissUser.handover.id;
}

const stateOf = async (id) => (await api('query($id: ID!) { node(id: $id) { ... on Handover { state moved failed total undoable } } }', { id })).node;

describe('a handover', { skip }, () => {
  it('is followed over a reload, and cancelled', async () => {
    const person = await holder(Array.from({ length: TASKS }, (_, at) => `Slow task ${at}`));
    sql(`CREATE TRIGGER slow BEFORE UPDATE ON tasks WHEN OLD.title LIKE 'Slow task%' BEGIN
      SELECT count(*) FROM tasks a, tasks b WHERE a.title < b.title; END`);
    const id = await dismiss(person);
    await go(page, `/people/${person.id}/dismiss`);
    await heading('Handing over').waitFor();
    const bar = page.getByRole('main').getByRole('progressbar', { name: 'Progress' });
    await bar.waitFor();
    await page.getByRole('status').getByText(/^[1-9]\d* of \d+ moved/).waitFor();
    await accessible(page);
    await page.reload();
    await heading('Handing over').waitFor();
    await bar.waitFor();
    await button(page, 'Cancel the handover').click();
    await page.getByText('It was cancelled.').waitFor();
    await bar.waitFor({ state: 'detached' });
    sql('DROP TRIGGER slow');
    const { state, moved, total } = await stateOf(id);
    assert.equal(state, 'CANCELLED');
    assert.ok(moved > 0 && moved < total, `${moved} of ${total}`);
    await page.getByText(`${moved} of ${total} moved`).first().waitFor();
    await accessible(page);
    // What is left is handed over from the same place.
    await page.getByRole('link', { name: 'Hand over', exact: true }).waitFor();
    await button(page, 'Undo the handover').waitFor();
  });

  it('names what has failed and why, and tries it again', async () => {
    const person = await holder(['Poisoned task', 'Sound task']);
    sql(`CREATE TRIGGER poison BEFORE UPDATE ON tasks WHEN OLD.title = 'Poisoned task' BEGIN
      SELECT RAISE(ABORT, 'poison'); END`);
    const id = await dismiss(person);
    await go(page, `/people/${person.id}/dismiss`);
    await heading('Handed over').waitFor();
    const failed = page.getByRole('table', { name: 'Items that failed' });
    const row = failed.getByRole('row', { name: /Poisoned task/ });
    await row.getByText('The database refused it.').waitFor();
    await page.getByText('1 item failed').waitFor();
    await accessible(page);
    assert.equal((await stateOf(id)).state, 'PARTIAL');
    // It fails again as long as the reason is there.
    await button(page, 'Try 1 item again').click();
    await page.getByRole('status').getByText('1 item is tried again.').waitFor();
    await row.waitFor();
    await button(page, 'Try 1 item again').waitFor();
    sql('DROP TRIGGER poison');
    await button(page, 'Try 1 item again').click();
    const { total } = await stateOf(id);
    await page.getByText(`${total} of ${total} moved`).first().waitFor();
    await failed.waitFor({ state: 'detached' });
    assert.equal(await button(page, 'Try 1 item again').count(), 0);
    assert.equal((await stateOf(id)).state, 'SUCCEEDED');
  });

  it('is undone once; a second time is refused in words', async () => {
    const id = await dismiss(await holder(['Task that comes back']));
    await go(page, `/handovers/${id}`);
    await heading('Handed over').waitFor();
    await button(page, 'Undo the handover').click();
    const dialog = page.getByRole('dialog', { name: 'Undo this handover?' });
    await dialog.getByRole('table').waitFor();
    // Somebody else is quicker.
    const { undoHandover } = await api(
      'mutation($id: ID!) { undoHandover(input: { handoverId: $id }) { userErrors { code } } }',
      { id },
    );
    assert.deepEqual(undoHandover.userErrors, []);
    await button(dialog, 'Bring it back').click();
    await dialog.getByText('This handover can’t be undone any more.').waitFor();
    await accessible(page);
    await button(dialog, 'Cancel').click();
    await page.reload();
    await heading('The work has come back').waitFor();
    assert.equal(await button(page, 'Undo the handover').count(), 0);
    assert.equal((await stateOf(id)).undoable, false);
  });
});
