// The bar of handovers that are under way follows a stream: nothing is asked again while nothing happens.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { loaded, start } from './harness.mjs';

let site;
let token;
before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
});
after(() => site?.stop());

const read = async (query, variables) => (await ask(site.company.url, token, query, variables)).data;

test('a handover of somebody else is shown without asking for it, with two streams', async () => {
  const page = await site.open('/people');
  await loaded(page);
  await page.waitForTimeout(2_000);
  const asked = [];
  page.on('request', (request) => {
    const body = request.method() === 'POST' && request.url().endsWith('/graphql') ? request.postDataJSON() : undefined;
    // A stream has no name but that of its document.
    if (body) asked.push(/^\s*(?:query|mutation|subscription) (\w+)/.exec(body.query)?.[1]);
  });
  await page.waitForTimeout(4_000);
  assert.deepEqual(asked.filter((name) => name === 'Running'), []);

  const query = '{ users(first: 100, filter: {dismissed: false, role: EMPLOYEE}) { nodes { id status work { total } } } }';
  const [leaver, recipient] = (await read(query)).users.nodes.filter(
    ({ status, work }) => status === 'ACTIVE' && work.total > 0,
  );
  const input = { userId: leaver.id, handover: [], restTo: { userId: recipient.id } };
  const dismiss = 'mutation($input: DismissUserInput!) { dismissUser(input: $input) { handover { id } } }';
  const { handover } = (await read(dismiss, { input })).dismissUser;
  await page.waitForRequest((request) => /query Running/.test(request.postData() ?? ''));

  asked.length = 0;
  await page.goto(`${site.url}/handovers/${handover.id}`);
  await page.getByText(/\d+ of \d+ moved/).first().waitFor();
  await page.waitForTimeout(1_000);
  assert.deepEqual(asked.filter((name) => /Changed|Progress$/.test(name)).sort(), ['HandoversChanged', 'StatusChanged']);
  await site.settle();
});
