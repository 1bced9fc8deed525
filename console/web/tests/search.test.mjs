// The palette finds objects of all types, by their names and by their ids.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';

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

/** Searches in the palette. */
async function find(text) {
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox', { name: 'Search pages, people, work and files' }).fill(text);
}
const results = () => page.getByRole('list', { name: 'Results' });

describe('the palette', () => {
  before(async () => {
    page = await site.open('/people');
    await loaded(page);
  });
  after(() => site.settle());
  afterEach(() => page.keyboard.press('Escape'));

  it('finds objects of all types and opens them', async () => {
    await addActivity('Ask about the lanterns');
    const { search } = await read(`{
      search(text: "a", first: 100) { line node { __typename id ... on Event { calendar { id } } ... on File { parent { id } } } }
    }`);
    const pages = {
      User: ({ id }) => `/people/${id}`,
      Department: ({ id }) => `/people?department=${id}`,
      Task: ({ id }) => `/work/tasks?state=all&task=${id}`,
      CrmItem: ({ id }) => `/work/crm/${id}`,
      CrmActivity: ({ id }) => `/work/activities?state=all&activity=${id}`,
      Folder: ({ id }) => `/files/${id}`,
      File: ({ parent }) => `/files/${parent.id}`,
      Calendar: ({ id }) => `/calendars/${id}`,
      Event: ({ calendar }) => `/calendars/${calendar.id}?view=all`,
    };
    for (const [type, address] of Object.entries(pages)) {
      const hit = search.find(({ node }) => node.__typename === type);
      assert.ok(hit, `the company has no ${type}`);
      await find(hit.node.id);
      const found = results().getByRole('button').first();
      await found.filter({ hasText: `Open ${hit.line}` }).waitFor();
      await found.click();
      await page.waitForURL((url) => url.pathname + url.search === address(hit.node));
      await loaded(page);
      await page.keyboard.press('Escape');
    }
  });

  it('finds by a part of the name, and says what each is', async () => {
    const { tasks, crmItems } = await read(`{
      tasks(first: 1) { nodes { title } } crmItems(first: 1, filter: {kind: [DEAL]}) { nodes { title } }
    }`);
    await find(tasks.nodes[0].title);
    const task = results().getByRole('button').filter({ hasText: `Open ${tasks.nodes[0].title}` }).first();
    await task.getByText('Task', { exact: true }).waitFor();
    await accessible(page);
    await page.keyboard.press('Escape');
    await find(crmItems.nodes[0].title);
    const deal = results().getByRole('button').filter({ hasText: `Open ${crmItems.nodes[0].title}` }).first();
    await deal.getByText('Deal', { exact: true }).waitFor();
  });

  it('does something with people', async () => {
    const { users } = await read('{ users(first: 1, filter: {dismissed: true, holdsWork: true}) { nodes { id name } } }');
    const [person] = users.nodes;
    await find(person.name);
    await results().getByRole('button', { name: `Hire ${person.name} back…` }).waitFor();
    await results().getByRole('button', { name: `Hand over the work of ${person.name}…` }).click();
    await page.waitForURL(`**/people/${person.id}/hand-over`);
  });

  it('finds roles and handovers by their ids, and nothing by an id that there is not', async () => {
    const { crmRoles } = await read('{ crmRoles { id name } }');
    await find(crmRoles[0].id);
    await results().getByRole('button', { name: `Open ${crmRoles[0].name}` }).waitFor();
    await page.keyboard.press('Escape');
    await find(`task_${'0'.repeat(26)}`);
    await page.getByRole('dialog').getByText('Nothing fits.').waitFor();
    await accessible(page);
  });
});
