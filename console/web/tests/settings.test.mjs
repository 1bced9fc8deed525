// Settings: the company, CRM roles, integrations; and departments.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';

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

test('the setting decides whether employees see who has left', async () => {
  const page = await site.open('/settings');
  await page.getByRole('heading', { name: 'Company', level: 1 }).waitFor();
  await loaded(page);
  await accessible(page);
  const shown = page.getByLabel('Employees see dismissed people in lists');
  const before = await shown.isChecked();
  await shown.setChecked(!before);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  assert.equal((await api('{ settings { showDismissedEmployees } }')).showDismissedEmployees, !before);
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.getByText('There are no webhooks').waitFor();
  await accessible(page);
});

test('a role: whole rows and columns, what is unsaved, and another administrator meanwhile', async () => {
  const page = await site.open('/settings/crm-roles');
  await loaded(page);
  await accessible(page);
  await page.getByRole('button', { name: 'New role' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Readers');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'Readers', level: 1 }).waitFor();
  const set = (name, level) => page.getByLabel(name, { exact: true }).selectOption({ label: level });

  await set('All records, Read: set all', 'All');
  await page.getByText('6 changes').waitFor();
  await set('Deals, All operations: set all', 'Own');
  await page.getByText('11 changes').waitFor();
  await set('Deals: Read', 'None');
  await page.getByText('10 changes').waitFor();
  await page.getByLabel('Compare with').selectOption({ label: 'Administrator' });
  await page.getByText('other: All').first().waitFor();
  await accessible(page);

  // Somebody else changes another cell, and then a save keeps both.
  const [role] = (await api('{ crmRoles { id name } }')).filter(({ name }) => name === 'Readers');
  const input = { roleId: role.id, name: 'Readers', rules: [{ kind: 'INVOICE', operation: 'EXPORT', level: 'ALL' }] };
  await api('mutation($input: SetCrmRoleInput!) { setCrmRole(input: $input) { userErrors { code } } }', { input });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody else has changed this meanwhile.').waitFor();
  await page.getByText('Invoices, Export: All').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('No changes').waitFor();
  const { rules } = (await api('{ crmRoles { name rules { kind operation level } } }')).find(
    ({ name }) => name === 'Readers',
  );
  const level = (kind, operation) => rules.find((one) => one.kind === kind && one.operation === operation)?.level;
  assert.deepEqual(
    [level('INVOICE', 'EXPORT'), level('LEAD', 'READ'), level('DEAL', 'READ'), level('DEAL', 'DELETE')],
    ['ALL', 'ALL', undefined, 'OWN'],
  );
  await set('Leads: Read', 'Own');
  await page.getByRole('button', { name: 'Discard' }).click();
  assert.equal(await page.getByLabel('Leads: Read', { exact: true }).inputValue(), 'ALL');

  await page.getByRole('button', { name: 'Add people…' }).click();
  const picker = page.getByRole('dialog');
  await picker.getByRole('checkbox').first().check();
  await picker.getByRole('button', { name: 'Choose', exact: true }).click();
  await page.getByText('Saved.', { exact: true }).waitFor();
  await page.getByLabel('Department to add').selectOption({ index: 2 });
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: /^Remove / }).nth(1).waitFor();
  await page.setViewportSize({ width: 320, height: 700 });
  await accessible(page);
});

test('an integration: its secret once, another one, and both revoked', async () => {
  const page = await site.open('/settings/integrations');
  await loaded(page);
  await page.getByText('There are no integrations.').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'New integration' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.getByText('Choose at least one.').waitFor();
  await accessible(page);
  await dialog.getByLabel('Name').fill('Payroll');
  await dialog.getByLabel('Read the work of everybody').check();
  await dialog.getByRole('button', { name: 'Create' }).click();
  const secret = page.getByRole('textbox', { name: 'Token' });
  await secret.waitFor();
  const first = await secret.inputValue();
  assert.match(first, /^hnd_/);
  await page.keyboard.press('Escape');
  await page.mouse.click(3, 3);
  assert.equal(await secret.inputValue(), first);
  await accessible(page);
  await page.getByRole('button', { name: 'I have stored it' }).click();
  await page.getByRole('rowheader', { name: 'Payroll' }).waitFor();
  assert.equal(await page.getByText(first).count(), 0);
  const works = async (token) => (await ask(site.company.url, token, '{ viewer { integration { name } } }')).status;
  assert.equal(await works(first), 200);

  await page.getByRole('button', { name: 'Actions for Payroll' }).click();
  await page.getByRole('menuitem', { name: 'Secrets…' }).click();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Add a secret' }).click();
  await secret.waitFor();
  const second = await secret.inputValue();
  await page.getByRole('button', { name: 'I have stored it' }).click();
  const rows = dialog.getByRole('row').filter({ hasText: 'Valid' });
  await rows.nth(1).waitFor();
  await rows.filter({ hasText: first.slice(-4) }).getByRole('button').click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke now' }).click();
  await dialog.getByText(/^Revoked/).waitFor();
  assert.deepEqual([await works(first), await works(second)], [401, 200]);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Actions for Payroll' }).click();
  await page.getByRole('menuitem', { name: 'Revoke…' }).click();
  await accessible(page);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke now' }).click();
  await page.getByText('“Payroll” was revoked.').waitFor();
  assert.equal(await works(second), 401);
  await page.getByText('All integrations have been revoked.').waitFor();
  await page.getByLabel('Also revoked ones').check();
  await page.getByRole('rowheader', { name: 'Payroll' }).waitFor();
  await accessible(page);
});

test('departments: made, moved, led, found', async () => {
  const page = await site.open('/departments');
  await loaded(page);
  await accessible(page);
  await page.getByRole('button', { name: 'New department' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Returns');
  await dialog.getByLabel('Belongs to').selectOption({ index: 1 });
  await dialog.getByRole('button', { name: /Head of the department/ }).click();
  const picker = page.getByRole('dialog', { name: 'Head of the department' });
  await picker.getByRole('radio').first().check();
  await picker.getByRole('button', { name: 'Choose', exact: true }).click();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.getByText('The department “Returns” was made.').waitFor();
  const row = page.locator('.branch').filter({ hasText: 'Returns' });
  await row.getByText('Head').waitFor();

  await row.getByRole('button', { name: 'Actions for Returns' }).click();
  await page.getByRole('menuitem', { name: 'Rename, move, change head…' }).click();
  await dialog.getByLabel('Name').fill('Returns and repairs');
  await dialog.getByLabel('Belongs to').selectOption('');
  await dialog.getByRole('button', { name: 'No head' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.locator('.branch').filter({ hasText: 'Returns and repairs' }).getByText('No head').waitFor();
  await page.getByLabel('Search departments').fill('repairs');
  await page.waitForURL(/q=repairs/);
  await page.locator('.branch').nth(1).waitFor({ state: 'detached' });
  await page.setViewportSize({ width: 320, height: 700 });
  await accessible(page);
  await page.goBack();
});
