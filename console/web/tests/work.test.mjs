// Tasks and recurring tasks: filters, forms, and what is done with many at once.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, idOf, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';
import { agree, button, count, counted, go, pick } from './lists.mjs';

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

describe('tasks', () => {
  before(async () => {
    page = await site.open('/work/tasks');
    await loaded(page);
  });
  after(() => site.settle());
  afterEach(() => page.keyboard.press('Escape'));

  it('filters, and keeps the filter in the address', async () => {
    await count(page, 'tasks').waitFor();
    const open = await counted(page, 'tasks');
    assert.equal(open, (await read('{ tasks(filter: {open: true}) { totalCount } }')).tasks.totalCount);
    await accessible(page);
    await page.getByLabel('Search titles').fill('contract');
    await page.waitForURL(/q=contract/);
    await page.getByLabel('Overdue').check();
    await page.waitForURL(/late=1/);
    await count(page, 'tasks').waitFor();
    const late = await counted(page, 'tasks');
    assert.ok(late > 0 && late < open);
    await page.goBack();
    assert.doesNotMatch(page.url(), /late/);
    assert.equal(await page.getByLabel('Overdue').isChecked(), false);
    await button(page, 'Clear the filters').click();
    await page.getByLabel('Search titles').fill('there is no such task');
    await page.getByText('No task fits.').waitFor();
    await accessible(page);
  });

  it('creates a task and changes it', async () => {
    await go(page, '/work/tasks');
    await button(page, 'New task').click();
    const dialog = page.getByRole('dialog', { name: 'New task' });
    await button(dialog, 'Create').click();
    await dialog.getByText('This has to be filled in.').waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    await accessible(page);
    await dialog.getByLabel('What is to be done').fill('Count the lanterns');
    await dialog.getByRole('group', { name: 'Participants' }).getByRole('button').click();
    await pick(page, 'Kaito Mbeki');
    await button(dialog, 'Create').click();
    await dialog.waitFor({ state: 'detached' });
    await button(page, 'Count the lanterns').click();
    const sheet = page.getByRole('dialog', { name: 'Task' });
    await accessible(page);
    await sheet.getByLabel('Status').selectOption('In progress');
    await sheet.getByRole('button', { name: 'Remove Kaito Mbeki' }).click();
    await button(sheet, 'Save').click();
    await sheet.waitFor({ state: 'detached' });
    const { tasks } = await read('{ tasks(filter: {search: "Count the lanterns"}) { nodes { status participants { id } } } }');
    assert.deepEqual(tasks.nodes, [{ status: 'IN_PROGRESS', participants: [] }]);
  });

  it('gives picked tasks to another person, who stays informed', async () => {
    const hana = await idOf(site.company.url, token, 'Hana Bauer');
    await go(page, `/work/tasks?person=${hana}&role=ongoing`);
    await count(page, 'tasks').waitFor();
    const titles = await page.locator('tbody th button').allInnerTexts();
    for (const title of titles.slice(0, 2)) await page.getByLabel(`Select ${title}`).first().check();
    await page.getByText('2 selected').waitFor();
    await button(page, 'Change people…').click();
    const dialog = page.getByRole('dialog', { name: 'Change people in tasks' });
    await dialog.getByLabel('Who had it before stays as observer').check();
    await accessible(page);
    const id = await agree(page, dialog, ['Jonas Sato'], 2);
    await page.getByText('2 of 2 moved').first().waitFor();
    const query = `query($id: ID!, $hana: ID!) {
      node(id: $id) { ... on Handover { state moved } }
      tasks(filter: {userId: $hana, role: OBSERVER}) { nodes { title } }
    }`;
    const { node, tasks } = await read(query, { id, hana });
    assert.deepEqual(node, { state: 'SUCCEEDED', moved: 2 });
    assert.ok(titles.slice(0, 2).every((title) => tasks.nodes.some((task) => task.title === title)));
  });

  it('replaces a participant only in place of a certain person', async () => {
    await go(page, '/work/tasks');
    await page.getByLabel(/^Select (?!all)/).first().check();
    await button(page, 'Change people…').click();
    const dialog = page.getByRole('dialog', { name: 'Change people in tasks' });
    assert.ok(await dialog.getByLabel(/A participant/).isDisabled());
    await dialog.getByText('Filter by a person first').first().waitFor();
    await button(dialog, 'Cancel').click();

    const query = '{ tasks(first: 100, filter: {open: true}) { nodes { participants { id name status } } } }';
    const people = (await read(query)).tasks.nodes.flatMap(({ participants }) => participants);
    const person = people.find(({ status }) => status === 'ACTIVE');
    await go(page, `/work/tasks?person=${person.id}&role=assisting`);
    await count(page, 'task').waitFor();
    const assisted = await counted(page, 'task');
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    await button(page, 'Change people…').click();
    await dialog.getByLabel(`A participant in place of ${person.name}`).check();
    await agree(page, dialog, ['Jonas Sato'], assisted);
  });

  it('changes all that match', async () => {
    await go(page, '/work/tasks?q=the');
    await count(page, 'tasks').waitFor();
    const all = await counted(page, 'tasks');
    assert.ok(all > 50, `${all} tasks`);
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    await button(page, `Select all ${all} that match`).click();
    await page.getByText(`All ${all} selected`).waitFor();
    await button(page, 'Change people…').click();
    const dialog = page.getByRole('dialog', { name: 'Change people in tasks' });
    await dialog.getByLabel('The creator').check();
    await agree(page, dialog, ['Jonas Sato', 'Hugo Patel'], all);
  });

  it('agrees to no plan that has changed since', async () => {
    await go(page, '/work/tasks?q=Quarry');
    await count(page, 'tasks').waitFor();
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    const picked = Number((await page.getByText(/^\d+ selected$/).innerText()).split(' ')[0]);
    await button(page, 'Change people…').click();
    const dialog = page.getByRole('dialog', { name: 'Change people in tasks' });
    await dialog.getByRole('button', { name: /Who gets them/ }).click();
    await pick(page, 'Jonas Sato');
    await button(dialog, 'Look at the plan').click();
    await button(dialog, `Hand over ${picked} items`).waitFor();
    const { tasks } = await read('{ tasks(first: 1, filter: {open: true, search: "Quarry"}) { nodes { id } } }');
    await read('mutation($input: UpdateTaskInput!) { updateTask(input: $input) { userErrors { code } } }', {
      input: { taskId: tasks.nodes[0].id, status: 'COMPLETED' },
    });
    await button(dialog, `Hand over ${picked} items`).click();
    const alert = dialog.getByRole('alert');
    await alert.waitFor();
    assert.ok(await button(dialog, `Hand over ${picked - 1} items`).isDisabled());
    await accessible(page);
    await alert.getByRole('button').click();
    await button(dialog, `Hand over ${picked - 1} items`).click();
    await page.waitForURL(/\/handovers\/handover_/);
  });

  it('makes a recurring task, and says which are stalled', async () => {
    await go(page, '/work/recurring');
    await page.getByText('None of them is stalled.').waitFor();
    await accessible(page);
    await button(page, 'New recurring task').click();
    const dialog = page.getByRole('dialog', { name: 'New recurring task' });
    await dialog.getByLabel('What is to be done each time').fill('Water the plants');
    await dialog.getByLabel('Every how many').fill('2');
    await dialog.getByLabel('Monday').check();
    await dialog.getByLabel('Thursday').check();
    await accessible(page);
    await button(dialog, 'Create').click();
    await page.getByRole('cell', { name: 'Every 2 weeks on Monday and Thursday' }).waitFor();
    const { taskTemplates } = await read('{ taskTemplates { nodes { recurrence } } }');
    assert.deepEqual(taskTemplates.nodes, [{ recurrence: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH' }]);
    await button(page, 'Water the plants').click();
    const sheet = page.getByRole('dialog', { name: 'Recurring tasks' });
    await sheet.getByLabel('How often').selectOption('By a rule of your own');
    await sheet.getByLabel('Rule').fill('FREQ=NEVER');
    await button(sheet, 'Save').click();
    await sheet.locator('[aria-invalid]').waitFor();
    await accessible(page);
    await sheet.getByLabel('Rule').fill('FREQ=MONTHLY;BYDAY=-1FR');
    await button(sheet, 'Save').click();
    await page.getByRole('cell', { name: 'FREQ=MONTHLY;BYDAY=-1FR' }).waitFor();
  });
});
