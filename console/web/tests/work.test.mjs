// Tasks, recurring tasks, CRM records and activities: filters, forms, and what is done with many at once.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, idOf, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';

let site;
let token;
/** One page for all: signing in takes its time. */
let page;

before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
});
after(() => site.stop());

const button = (within, name) => within.getByRole('button', { name, exact: true });
const read = async (query, variables) => (await ask(site.company.url, token, query, variables)).data;
const count = (noun) => page.locator('main p.count').filter({ hasText: new RegExp(`^[\\d,]+ ${noun}`) });
const counted = async (noun) => Number((await count(noun).innerText()).replace(/\D/g, ''));

/** Goes on within the page: a reload is slow. */
async function go(path) {
  await page.evaluate((path) => history.pushState(null, '', path), path);
  await loaded(page);
}

/** Picks a person in the picker that is open. */
async function pick(...names) {
  const picker = page.getByRole('dialog').last();
  for (const name of names) {
    await picker.getByLabel('Search name, e-mail or position').fill(name);
    await picker.getByRole('listitem').filter({ hasText: name }).first().getByText(name).click();
  }
  await button(picker, 'Choose').click();
}

/** Chooses who gets the picked items, looks at the plan and agrees. Returns the id of the handover. */
async function agree(dialog, names, items) {
  await dialog.getByRole('button', { name: /Who gets them/ }).click();
  await pick(...names);
  await button(dialog, 'Look at the plan').click();
  const confirm = button(dialog, items === 1 ? 'Hand over 1 item' : `Hand over ${items} items`);
  await confirm.waitFor();
  await accessible(page);
  await confirm.click();
  await page.waitForURL(/\/handovers\/handover_/);
  return page.url().split('/').at(-1);
}

describe('tasks', () => {
  before(async () => {
    page = await site.open('/work/tasks');
    await loaded(page);
  });
  after(() => site.settle());
  afterEach(() => page.keyboard.press('Escape'));

  it('filters, and keeps the filter in the address', async () => {
    await count('tasks').waitFor();
    const open = await counted('tasks');
    assert.equal(open, (await read('{ tasks(filter: {open: true}) { totalCount } }')).tasks.totalCount);
    await accessible(page);
    await page.getByLabel('Search titles').fill('contract');
    await page.waitForURL(/q=contract/);
    await page.getByLabel('Overdue').check();
    await page.waitForURL(/late=1/);
    await count('tasks').waitFor();
    const late = await counted('tasks');
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
    await go('/work/tasks');
    await button(page, 'New task').click();
    const dialog = page.getByRole('dialog', { name: 'New task' });
    await button(dialog, 'Create').click();
    await dialog.getByText('This has to be filled in.').waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    await accessible(page);
    await dialog.getByLabel('What is to be done').fill('Count the lanterns');
    await dialog.getByRole('group', { name: 'Participants' }).getByRole('button').click();
    await pick('Kaito Mbeki');
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
    await go(`/work/tasks?person=${hana}&role=ongoing`);
    await count('tasks').waitFor();
    const titles = await page.locator('tbody th button').allInnerTexts();
    for (const title of titles.slice(0, 2)) await page.getByLabel(`Select ${title}`).first().check();
    await page.getByText('2 selected').waitFor();
    await button(page, 'Change people…').click();
    const dialog = page.getByRole('dialog', { name: 'Change people in tasks' });
    await dialog.getByLabel('Who had it before stays as observer').check();
    await accessible(page);
    const id = await agree(dialog, ['Jonas Sato'], 2);
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
    await go('/work/tasks');
    await page.getByLabel(/^Select (?!all)/).first().check();
    await button(page, 'Change people…').click();
    const dialog = page.getByRole('dialog', { name: 'Change people in tasks' });
    assert.ok(await dialog.getByLabel(/A participant/).isDisabled());
    await dialog.getByText('Filter by a person first').first().waitFor();
    await button(dialog, 'Cancel').click();

    const query = '{ tasks(first: 100, filter: {open: true}) { nodes { participants { id name status } } } }';
    const people = (await read(query)).tasks.nodes.flatMap(({ participants }) => participants);
    const person = people.find(({ status }) => status === 'ACTIVE');
    await go(`/work/tasks?person=${person.id}&role=assisting`);
    await count('task').waitFor();
    const assisted = await counted('task');
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    await button(page, 'Change people…').click();
    await dialog.getByLabel(`A participant in place of ${person.name}`).check();
    await agree(dialog, ['Jonas Sato'], assisted);
  });

  it('changes all that match', async () => {
    await go('/work/tasks?q=the');
    await count('tasks').waitFor();
    const all = await counted('tasks');
    assert.ok(all > 50, `${all} tasks`);
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    await button(page, `Select all ${all} that match`).click();
    await page.getByText(`All ${all} selected`).waitFor();
    await button(page, 'Change people…').click();
    const dialog = page.getByRole('dialog', { name: 'Change people in tasks' });
    await dialog.getByLabel('The creator').check();
    await agree(dialog, ['Jonas Sato', 'Hugo Patel'], all);
  });

  it('makes a recurring task, and says which are stalled', async () => {
    await go('/work/recurring');
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

describe('CRM', () => {
  before(async () => {
    page = await site.open('/work/crm?holder=none');
    await loaded(page);
  });
  after(() => site.settle());

  it('filters by kind, holder and stage', async () => {
    await count('records').waitFor();
    const query = '{ crmItems(filter: {unassigned: true, closed: false}) { totalCount } }';
    assert.equal(await counted('records'), (await read(query)).crmItems.totalCount);
    await go('/work/crm?kind=DEAL');
    await page.getByLabel('Stage').fill('PROPOSAL');
    await page.waitForURL(/stage=PROPOSAL/);
    await page.getByText('PROPOSAL').first().waitFor();
    await accessible(page);
  });

  it('creates a record, changes it, and adds an activity', async () => {
    await go('/work/crm');
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
    await go('/work/activities');
    await page.getByText('There are no activities to do that you can see.').waitFor();
    await page.getByRole('radio', { name: 'Done' }).check();
    await button(page, 'Call the harbour master').waitFor();
    await accessible(page);
  });

  it('assigns the records of those who have left, evenly', async () => {
    await go('/work/crm?holder=left');
    await count('records').waitFor();
    const all = await counted('records');
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    const more = page.getByRole('button', { name: `Select all ${all} that match` });
    if (await more.isVisible()) await more.click();
    await button(page, 'Assign…').click();
    const dialog = page.getByRole('dialog', { name: 'Assign CRM records' });
    const id = await agree(dialog, ['Rosa Castro', 'Pavel Becker', 'Jonas Sato'], all);
    await page.getByText(`${all} of ${all} moved`).first().waitFor();
    const { node } = await read('query($id: ID!) { node(id: $id) { ... on Handover { lines { kind moved } } } }', { id });
    assert.ok(new Set(node.lines.map(({ kind }) => kind)).size > 1);
    await go('/work/crm?holder=left');
    await page.getByText('No record fits.').waitFor();
  });
});
