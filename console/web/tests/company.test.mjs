// The company's name and time zone, and two people who change the same thing at once.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';
import { button } from './lists.mjs';

let site;
let token;
before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
});
afterEach(() => site.settle());
after(() => site?.stop());

async function api(query, variables) {
  const { data, errors } = await ask(site.company.url, token, query, variables);
  assert.equal(errors, undefined);
  return Object.values(data)[0];
}
const update = (input) =>
  api('mutation($input: UpdateSettingsInput!) { updateSettings(input: $input) { userErrors { code message } } }', { input });

test('the name of the company is on every page, and its time zone at dismissals', async () => {
  const page = await site.open('/settings/company');
  await loaded(page);
  assert.equal(await page.title(), 'Company – Handover');
  await page.getByLabel('Company name').fill('Lantern & Sons');
  await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
  await button(page, 'Save').click();
  await page.getByText('Saved.').waitFor();
  await page.getByRole('link', { name: 'Handover Lantern & Sons' }).waitFor();
  assert.equal(await page.title(), 'Company – Handover – Lantern & Sons');
  await accessible(page);
  assert.deepEqual(await api('{ settings { companyName timeZone } }'), {
    companyName: 'Lantern & Sons',
    timeZone: 'Asia/Tokyo',
  });

  const query = '{ users(first: 50, filter: {dismissed: false, role: EMPLOYEE}) { nodes { id status } } }';
  const { id } = (await api(query)).nodes.find(({ status }) => status === 'ACTIVE');
  const input = { userId: id, effectiveAt: '2031-03-01T23:30:00Z' };
  await api('mutation($input: DismissUserInput!) { dismissUser(input: $input) { userErrors { code } } }', { input });
  await page.goto(`${site.url}/dismissals`);
  await page.getByText('2 Mar 2031, 08:30 (Asia/Tokyo)').waitFor();
  await page.goto(`${site.url}/people/${id}/dismiss`);
  await page.getByText(/2 March 2031.*08:30 \(Asia\/Tokyo\)/).waitFor();
  await page.getByRole('link', { name: 'Change' }).click();
  await page.getByText('(Asia/Tokyo)', { exact: true }).waitFor();
  assert.equal(await page.getByRole('spinbutton', { name: /^day/i }).innerText(), '02');
  assert.equal(await page.getByRole('spinbutton', { name: /^hour/i }).innerText(), '8');
  await accessible(page);
  await page.setViewportSize({ width: 320, height: 700 });
  await accessible(page);
});

test('settings that somebody else has changed: shown, and nothing that was entered is lost', async () => {
  await update({ companyName: 'Lantern', timeZone: null, showDismissedEmployees: false });
  const page = await site.open('/settings/company');
  await loaded(page);
  await page.getByLabel('Company name').fill('Lantern & Daughters');
  await update({ timeZone: 'Europe/Paris' });
  await button(page, 'Save').click();
  const alert = page.getByRole('alert');
  await alert.getByText('Somebody else has changed this meanwhile.').waitFor();
  await alert.getByText('Time zone: Europe/Paris').waitFor();
  await accessible(page);
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Lantern & Daughters');
  assert.equal(await page.getByLabel('Time zone').inputValue(), 'Europe/Paris');
  assert.equal((await api('{ settings { companyName } }')).companyName, 'Lantern');
  await button(page, 'Save').click();
  await page.getByText('Saved.').waitFor();
  assert.deepEqual(await api('{ settings { companyName timeZone } }'), {
    companyName: 'Lantern & Daughters',
    timeZone: 'Europe/Paris',
  });
  await page.getByLabel('Company name').fill('');
  await page.getByLabel('Time zone').selectOption('That of each browser');
  await button(page, 'Save').click();
  await page.getByRole('link', { name: 'Handover', exact: true }).waitFor();
  assert.deepEqual(await api('{ settings { companyName timeZone } }'), { companyName: null, timeZone: null });
});

test('a role that somebody else has changed, and who has it', async () => {
  const set = (input) =>
    api('mutation($input: SetCrmRoleInput!) { setCrmRole(input: $input) { role { id } userErrors { code message } } }', { input });
  const { role } = await set({ name: 'Readers', rules: [] });
  const rules = [{ kind: 'INVOICE', operation: 'EXPORT', level: 'ALL' }];
  const now = async () => (await api('{ crmRoles { id name audience rules { kind operation level } members { id } } }')).find(({ id }) => id === role.id);
  const page = await site.open(`/settings/crm-roles/${role.id}`);
  await page.getByRole('heading', { name: 'Readers', level: 1 }).waitFor();
  await page.getByLabel('Leads: Read', { exact: true }).selectOption({ label: 'Own' });
  await set({ roleId: role.id, name: 'Readers', rules });
  await button(page, 'Save').click();
  const alert = page.getByRole('alert');
  await alert.getByText('Invoices, Export: All').waitFor();
  await accessible(page);
  assert.deepEqual((await now()).rules, rules);
  assert.equal(await page.getByLabel('Leads: Read', { exact: true }).inputValue(), 'OWN');
  await button(page, 'Save').click();
  await page.getByText('No changes').waitFor();
  assert.equal((await now()).rules.length, 2);

  await page.getByRole('combobox', { name: 'Who has it' }).selectOption('Everybody');
  await set({ roleId: role.id, name: 'Readers too', rules });
  await button(page, 'Change').click();
  await page.getByRole('heading', { name: 'Readers too', level: 1 }).waitFor();
  await accessible(page);
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Saved.').waitFor();
  const { audience, name } = await now();
  assert.deepEqual({ audience, name }, { audience: 'EVERYBODY', name: 'Readers too' });
  await button(page, 'Add people…').waitFor({ state: 'detached' });

  await button(page, 'Rename…').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('All readers');
  await set({ roleId: role.id, name: 'Readers again', rules });
  await button(dialog, 'Save').click();
  await dialog.getByText('Somebody else has changed this meanwhile.').waitFor();
  await page.getByText('Readers again').first().waitFor({ state: 'attached' });
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'All readers');
  await button(dialog, 'Save').click();
  await page.getByRole('heading', { name: 'All readers', level: 1 }).waitFor();
});
