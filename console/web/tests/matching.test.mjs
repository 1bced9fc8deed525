// "Select all that match": the server selects by the filter of the list, but for the rows that were taken out.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';
import { agree, button, count, counted, go, pick } from './lists.mjs';

let site;
let token;
let page;

before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
});
after(() => site?.stop());

const read = async (query, variables) => (await ask(site.company.url, token, query, variables)).data;

/** Adds an activity to a record: the company has none. */
async function addActivity(subject) {
  const { crmItems } = await read('{ crmItems(first: 1, filter: {kind: [DEAL]}) { nodes { id } } }');
  const input = { itemId: crmItems.nodes[0].id, kind: 'CALL', subject };
  const create = 'mutation($input: CreateCrmActivityInput!) { createCrmActivity(input: $input) { userErrors { code message } } }';
  assert.deepEqual((await read(create, { input })).createCrmActivity.userErrors, []);
}

/** Selects everything that fits, without the first row. Returns how many are left. */
async function allButOne(noun) {
  await count(page, noun).waitFor();
  const all = await counted(page, noun);
  assert.ok(all > 50, `${all} ${noun}`);
  await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
  await button(page, `Select all ${all.toLocaleString('en-GB')} that match`).click();
  await page.getByRole('table').getByRole('row').nth(1).getByRole('checkbox').uncheck();
  await page.getByText(`${(all - 1).toLocaleString('en-GB')} selected`).waitFor();
  return all - 1;
}

describe('all that match', () => {
  before(async () => {
    page = await site.open('/work/tasks?q=the');
    await loaded(page);
  });
  after(() => site.settle());

  it('are asked for by the filter, in one request', async () => {
    const left = await allButOne('tasks');
    await button(page, 'Change people…').click();
    const dialog = page.getByRole('dialog', { name: 'Change people in tasks' });
    await dialog.getByLabel('The creator').check();
    const asked = [];
    page.on('request', (request) => {
      const body = request.postDataJSON?.();
      if (body?.operationName) asked.push(body);
    });
    const id = await agree(page, dialog, ['Jonas Sato', 'Hugo Patel'], left);
    const [{ variables }] = asked.filter(({ operationName }) => operationName === 'Reassign');
    const [move] = variables.input.moves;
    assert.equal(move.matching.tasks.search, 'the');
    assert.equal(move.except.length, 1);
    assert.equal(move.ids, undefined);
    const { node } = await read('query($id: ID!) { node(id: $id) { ... on Handover { total } } }', { id });
    assert.equal(node.total, left);
  });

  it('are told apart by kind for records; what has nobody responsible is left out', async () => {
    await go(page, '/work/crm');
    const left = await allButOne('records');
    await button(page, 'Assign…').click();
    const dialog = page.getByRole('dialog', { name: 'Assign CRM records' });
    await dialog.getByRole('button', { name: /Who gets them/ }).click();
    await pick(page, 'Jonas Sato');
    await button(dialog, 'Look at the plan').click();
    const confirm = dialog.getByRole('button', { name: /^Hand over [\d,]+ items?$/ });
    await confirm.waitFor();
    await accessible(page);
    const planned = Number((await confirm.innerText()).replace(/\D/g, ''));
    const out = dialog.getByText(/of the picked items (is|are) left out/);
    const leftOut = (await out.count()) ? Number((await out.innerText()).split(' ')[0].replace(/\D/g, '')) : 0;
    assert.equal(planned + leftOut, left);
    await button(dialog, 'Back').click();
    await button(dialog, 'Cancel').click();
  });

  it('are refused by the server when they are too many, in its words', async () => {
    await go(page, '/work/tasks?q=the');
    await allButOne('tasks');
    await button(page, 'Change people…').click();
    const dialog = page.getByRole('dialog', { name: 'Change people in tasks' });
    const message = 'more than 30000 items match: narrow the filter, or move all items of a person';
    await page.route('**/graphql', async (route) => {
      if (route.request().postDataJSON()?.operationName !== 'ReassignPlan') return route.fallback();
      const response = await route.fetch();
      const body = await response.json();
      body.data.handoverPlan.total = 0;
      body.data.handoverPlan.lines = [];
      body.data.handoverPlan.userErrors = [
        { __typename: 'UserError', code: 'TOO_MANY', message, field: ['moves', '0', 'matching'] },
      ];
      return route.fulfill({ response, json: body });
    });
    await dialog.getByRole('button', { name: /Who gets them/ }).click();
    await pick(page, 'Jonas Sato');
    await button(dialog, 'Look at the plan').click();
    await dialog.getByText(message).waitFor();
    assert.ok(await button(dialog, 'Hand over 0 items').isDisabled());
    await accessible(page);
    await page.unroute('**/graphql');
    await button(dialog, 'Back').click();
    await button(dialog, 'Cancel').click();
  });

  it('narrow activities down by their subject', async () => {
    await addActivity('Ask about the lanterns');
    await addActivity('Send the price list');
    await go(page, '/work/activities?q=lanterns');
    await button(page, 'Ask about the lanterns').waitFor();
    await page.getByText('1 activity', { exact: true }).waitFor();
    await page.getByLabel('Search subjects').fill('');
    await page.getByText('2 activities', { exact: true }).waitFor();
    await page.getByLabel('Of people who have left').check();
    await page.waitForURL(/left=1/);
    await accessible(page);
  });

  it('replace a person in recurring tasks', async () => {
    const { users } = await read('{ users(first: 2, filter: {dismissed: false, role: EMPLOYEE}) { nodes { id name } } }');
    const [before, next] = users.nodes;
    for (const title of ['Water the plants', 'Wind the clocks']) {
      const input = { title, recurrence: 'FREQ=DAILY', responsibleId: before.id };
      const create = 'mutation($input: CreateTaskTemplateInput!) { createTaskTemplate(input: $input) { userErrors { code message } } }';
      assert.deepEqual((await read(create, { input })).createTaskTemplate.userErrors, []);
    }
    await go(page, '/work/recurring?q=clocks');
    await page.getByLabel('Select Wind the clocks').check();
    await page.getByText('Filter by a person first: it is that person who is replaced.').waitFor();
    await accessible(page);
    await go(page, `/work/recurring?person=${before.id}`);
    await page.getByLabel('Select Wind the clocks').check();
    await button(page, `Replace ${before.name}…`).click();
    const dialog = page.getByRole('dialog', { name: `Replace ${before.name} in recurring tasks` });
    await agree(page, dialog, [next.name], 1);
    await page.getByText('1 of 1 moved').first().waitFor();
    const held = 'query($id: ID!) { taskTemplates(filter: {userId: $id}) { nodes { title } } }';
    const { taskTemplates } = await read(held, { id: next.id });
    assert.deepEqual(taskTemplates.nodes.map(({ title }) => title), ['Wind the clocks']);
  });
});
