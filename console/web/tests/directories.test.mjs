// Directories: connected, looked at, changed and ended; and what they say of people.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { connectDirectory, scimOf } from './directories.mjs';
import { accessible, loaded, start } from './harness.mjs';
import { button, go, pick } from './lists.mjs';

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

const NODE = `query($id: ID!) { node(id: $id) { ... on Directory {
  name linked held handoverAfterSeconds whenDismissedHere departmentsByName
  handoverMoves { kind includeClosed to { manager headOfDepartment user { name } } }
  groups { nodes { displayName mappings { administrators department { name } crmRole { name } } } }
} } }`;
const directoryNow = (id) => api(NODE, { id });

describe('a directory', () => {
  it('is connected: its token is shown once, with what to do at the identity provider', async () => {
    const page = await site.open('/settings/integrations');
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Directories' }).click();
    await page.getByText('No directory is connected').waitFor();
    await accessible(page);
    await button(page, 'Connect a directory').click();
    const dialog = page.getByRole('dialog');
    await button(dialog, 'Connect a directory').click();
    await dialog.getByText('This has to be filled in.').waitFor();
    await accessible(page);
    await dialog.getByLabel('Name').fill('Entra');
    await page.keyboard.press('Enter');
    const secret = page.getByRole('textbox', { name: 'Token' });
    await secret.waitFor();
    const value = await secret.inputValue();
    const base = await page.getByRole('textbox', { name: 'Base URL' }).inputValue();
    assert.match(base, /\/scim\/v2$/);
    assert.ok(await page.getByRole('radio', { name: 'Entra ID' }).isChecked(), 'the name tells the provider');
    await dialog.getByText('Not([IsSoftDeleted])').waitFor();
    await accessible(page);
    await page.getByRole('radio', { name: 'Okta' }).check();
    await dialog.getByText('Deactivate Users').waitFor();
    await page.getByRole('radio', { name: 'authentik' }).check();
    await dialog.getByText('backchannel provider').waitFor();
    await page.setViewportSize({ width: 320, height: 1400 });
    await accessible(page);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.keyboard.press('Escape');
    assert.equal(await secret.inputValue(), value);
    await button(dialog, 'I have stored it').click();

    const row = page.getByRole('row').filter({ hasText: 'Entra' });
    await row.getByText('Never').waitFor();
    await row.getByRole('button', { name: 'Copy the base URL of Entra' }).click();
    await page.getByText(/^(Copied|It could not be copied)/).waitFor();
    await accessible(page);
    const scim = scimOf(site.company, value);
    assert.equal((await scim('GET', '/Users?count=1')).status, 200);
    await page.reload();
    await row.getByText('Never').waitFor({ state: 'detached' });
    const [{ integration }] = await api('{ directories { integration { name scopes } } }');
    assert.deepEqual(integration, { name: 'Entra', scopes: ['PROVISION_PEOPLE'] });
    assert.equal(await page.getByText(value).count(), 0);
    await row.getByRole('link', { name: 'Entra' }).click();
    await page.getByRole('heading', { name: 'Entra', level: 1 }).waitFor();
    await page.getByText('The directory has sent no groups.').waitFor();
    await page.getByText('No request was refused').waitFor();
    await accessible(page);
  });

  it('has an integration only together with it', async () => {
    const names = async () =>
      (await api('{ integrations { name revokedAt } }')).map(({ name, revokedAt }) => [name, revokedAt === null]);
    const page = await site.open('/directories');
    await loaded(page);
    let refuse = true;
    const error = { code: 'INVALID', message: 'not now', field: ['integrationId'] };
    const json = { data: { createDirectory: { __typename: 'DirectoryPayload', directory: null, userErrors: [error] } } };
    await page.route('**/graphql', (route) =>
      refuse && route.request().postData()?.includes('mutation CreateDirectory(') ? route.fulfill({ json }) : route.continue(),
    );
    const dialog = page.getByRole('dialog');
    const connect = async (name) => {
      await button(page, 'Connect a directory').click();
      await dialog.getByLabel('Name').fill(name);
      await page.keyboard.press('Enter');
      await dialog.getByText('not now').waitFor();
    };
    await connect('Given up');
    await accessible(page);
    await button(dialog, 'Cancel').click();
    await dialog.waitFor({ state: 'detached' });
    await connect('Tried again');
    refuse = false;
    await button(dialog, 'Connect a directory').click();
    await button(dialog, 'I have stored it').click();
    await page.getByRole('rowheader', { name: 'Tried again' }).waitFor();
    assert.deepEqual((await names()).slice(0, 2), [['Tried again', true], ['Given up', false]]);
  });

  it('has rules for the work of those whom it dismisses', async () => {
    const { id } = await connectDirectory(site.company, token, 'Rules');
    const page = await site.open(`/directories/${id}`);
    await loaded(page);
    await page.getByText('There are no rules').waitFor();
    await button(page, 'Add rules…').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('All kinds').uncheck();
    await button(dialog, 'Save').click();
    await dialog.getByText('Choose at least one.').waitFor();
    await dialog.getByLabel('Tasks to do').check();
    await dialog.getByLabel('Deals').check();
    await button(dialog, 'A person…').click();
    const { nodes } = await api('{ users(first: 1, filter: { status: [ACTIVE] }) { nodes { name } } }');
    await pick(page, nodes[0].name);
    await button(dialog, `Move up: ${nodes[0].name}`).click();
    await button(dialog, 'Remove The manager whom the directory names').click();
    await dialog.getByLabel('Also closed items').check();
    await accessible(page);
    await button(dialog, 'Save').click();
    await page.getByRole('rowheader', { name: 'Tasks to do and Deals' }).waitFor();
    await accessible(page);
    const [tasks, deals] = (await directoryNow(id)).handoverMoves;
    assert.deepEqual(tasks, {
      kind: 'TASK_RESPONSIBLE',
      includeClosed: true,
      to: [
        { manager: false, headOfDepartment: false, user: { name: nodes[0].name } },
        { manager: false, headOfDepartment: true, user: null },
      ],
    });
    assert.equal(deals.kind, 'CRM_DEAL');

    const act = async (row, item) => {
      await button(page, `Actions for ${row}`).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await act('Tasks to do and Deals', 'Change…');
    await dialog.getByLabel('Tasks to do').uncheck();
    await dialog.getByLabel('Leads').check();
    await button(dialog, 'The manager whom the directory names').click();
    await button(dialog, 'Save').click();
    await page.getByRole('rowheader', { name: 'Leads and Deals' }).waitFor();
    const moves = async () => (await directoryNow(id)).handoverMoves.map(({ kind, to }) => [kind, to.length]);
    assert.deepEqual(await moves(), [['CRM_LEAD', 3], ['CRM_DEAL', 3]]);
    await button(page, 'Add rules…').click();
    await button(dialog, 'Save').click();
    await page.getByRole('rowheader', { name: /^Tasks to do, .* and / }).waitFor();
    assert.equal((await moves()).length, 16);
    await button(page, 'Add rules…').waitFor({ state: 'detached' });
    await act('Leads and Deals', 'Remove');
    await page.getByRole('rowheader', { name: 'Leads and Deals' }).waitFor({ state: 'detached' });
    assert.equal((await moves()).length, 14);

    await page.getByLabel('Handover after').selectOption({ label: '1 day' });
    await page.getByLabel('They are hired back').check();
    await page.getByLabel('Assign departments by name').check();
    await page.getByLabel('Name', { exact: true }).fill('Our directory');
    await button(page, 'Save').click();
    await page.getByRole('heading', { name: 'Our directory', level: 1 }).waitFor();
    const { handoverAfterSeconds, whenDismissedHere, departmentsByName } = await directoryNow(id);
    assert.deepEqual([handoverAfterSeconds, whenDismissedHere, departmentsByName], [86_400, 'DIRECTORY_DECIDES', true]);
  });

  it('maps its groups; administrators are made only after a second question', async () => {
    const { id, scim } = await connectDirectory(site.company, token, 'Groups');
    const member = await scim.person('grete', 'Grete Group');
    await scim.group('Sales people', [member]);
    const page = await site.open(`/directories/${id}`);
    const row = page.getByRole('row').filter({ hasText: 'Sales people' });
    const open = () => row.getByRole('button', { name: 'Map… – Sales people' }).click();
    await row.getByText('Nothing').waitFor();
    await open();
    const dialog = page.getByRole('dialog');
    await button(dialog, 'Map').click();
    await dialog.getByText('This has to be filled in.').waitFor();
    await accessible(page);
    await dialog.getByLabel('Department').last().selectOption({ index: 1 });
    await button(dialog, 'Map').click();
    await row.getByText(/^Department: /).waitFor();
    await open();
    await dialog.getByText('CRM role', { exact: true }).click();
    await dialog.getByRole('combobox', { name: 'CRM role' }).selectOption({ index: 1 });
    await button(dialog, 'Map').click();
    await row.getByText(/^CRM role: /).waitFor();

    await open();
    await dialog.getByText('Administrators', { exact: true }).click();
    await button(dialog, 'Map').click();
    const question = page.getByRole('alertdialog');
    await question.getByText('Its 1 member becomes an administrator now').waitFor();
    await accessible(page);
    await button(question, 'Cancel').click();
    await question.waitFor({ state: 'detached' });
    assert.equal((await directoryNow(id)).groups.nodes[0].mappings.length, 2);
    await open();
    await dialog.getByText('Administrators', { exact: true }).click();
    await button(dialog, 'Map').click();
    await button(question, 'Make administrators').click();
    await row.getByText('Administrators').waitFor();
    assert.equal((await api('query($id: ID!) { user(id: $id) { role } }', { id: await scim.idOf('grete') })).role, 'ADMINISTRATOR');
    await accessible(page);

    await row.getByRole('button', { name: 'Remove Administrators – Sales people' }).click();
    await accessible(page);
    await button(question, 'End the mapping').click();
    await row.getByText('Administrators').waitFor({ state: 'detached' });
    assert.deepEqual((await directoryNow(id)).groups.nodes[0].mappings.map(({ administrators }) => administrators), [false, false]);
  });

  it('shows what was refused and held, previews requests, and ends', async () => {
    const { id, scim } = await connectDirectory(site.company, token, 'Acme directory');
    await api('mutation($input: UpdateDirectoryInput!) { updateDirectory(input: $input) { userErrors { code } } }', {
      input: { directoryId: id, handoverMoves: [{ kind: 'TASK_RESPONSIBLE', to: [{ headOfDepartment: true }] }] },
    });
    for (let one = 1; one <= 11; one += 1) await scim.person(`leaver${one}`, `Leaver ${one}`);
    for (let one = 1; one <= 11; one += 1) await scim.dismiss(`leaver${one}`);
    await scim('POST', '/Users', { schemas: [], userName: '' });
    await scim.person('unled', 'Una Unled', { manager: '01a218f0-f8fe-73c5-92d7-e78af3f6e8b7', favoriteColor: 'red' });
    const { held } = await directoryNow(id);
    assert.ok(held > 0, 'handovers are held');

    const page = await site.open('/directories');
    const row = page.getByRole('row').filter({ hasText: 'Acme directory' });
    await row.getByText(String(held), { exact: true }).first().waitFor();
    await row.getByText('2 warnings').waitFor();
    await accessible(page);
    await row.getByRole('link').click();
    await page.getByText(`${held} handovers are held`).waitFor();
    await page.getByText('the manager of unled@example.net is not known here').waitFor();
    await page.getByRole('region', { name: 'Attributes that are not stored' }).getByText('favoriteColor').waitFor();
    await page.getByRole('table', { name: 'Refused requests' }).getByText('userName: it is missing').waitFor();
    await accessible(page);
    await page.setViewportSize({ width: 320, height: 700 });
    await accessible(page);
    await page.setViewportSize({ width: 1440, height: 900 });
    // By keyboard alone.
    await page.getByRole('button', { name: 'Release…' }).focus();
    await page.keyboard.press('Enter');
    const question = page.getByRole('alertdialog');
    await question.getByText('They begin as soon as they are due.').waitFor();
    await accessible(page);
    await button(question, 'Release').focus();
    await page.keyboard.press('Enter');
    await page.getByText('The handovers were released.').waitFor();
    await page.getByText(/handovers are held/).waitFor({ state: 'detached' });
    assert.equal((await directoryNow(id)).held, 0);

    await button(page, 'Preview').click();
    await page.getByText('Status 200').waitFor();
    await page.getByLabel('Method').selectOption('PATCH');
    await page.getByLabel('Path below the base URL').fill('/Users/nobody');
    await page.getByLabel('Body (JSON)').fill('{');
    await button(page, 'Preview').click();
    await page.getByText('Status 400').waitFor();
    await page.locator('pre').getByText('invalidSyntax').waitFor();
    await accessible(page);

    await button(page, 'Secrets…').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Client secret').check();
    await dialog.getByText(/Client ID: integration_/).waitFor();
    await accessible(page);
    await button(dialog, 'Add a secret').click();
    assert.match(await page.getByRole('textbox', { name: 'Client secret' }).inputValue(), /^hns_/);
    await button(page, 'I have stored it').click();
    await dialog.getByLabel('Public key').check();
    await button(dialog, 'Add a secret').click();
    await dialog.getByText('This has to be filled in.').waitFor();
    await dialog.getByRole('textbox', { name: 'Public key' }).fill('no key');
    await button(dialog, 'Add a secret').click();
    await dialog.locator('textarea[aria-invalid]').waitFor();
    await accessible(page);
    const { generateKeyPairSync } = await import('node:crypto');
    const { publicKey } = generateKeyPairSync('ed25519');
    await dialog.getByRole('textbox', { name: 'Public key' }).fill(publicKey.export({ type: 'spki', format: 'pem' }));
    await button(dialog, 'Add a secret').click();
    await page.getByText('The public key was added.').waitFor();
    await dialog.getByRole('row').filter({ hasText: 'Public key' }).waitFor();
    await page.keyboard.press('Escape');

    await button(page, 'End directory…').click();
    await question.getByText('Nobody is dismissed.').waitFor();
    await accessible(page);
    await button(question, 'End directory').click();
    await page.getByText('The directory “Acme directory” was ended.').waitFor();
    await page.getByRole('heading', { name: 'Directories', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Acme directory' }).waitFor({ state: 'detached' });
    await go(page, `/directories/${id}`);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  });
});

it('a person: what the directory says of them, exempt, unlinked and linked', async () => {
  const { id, scim } = await connectDirectory(site.company, token, 'People');
  const boss = await scim.person('petra', 'Petra Principal');
  await scim.person('paul', 'Paul Person', { manager: boss });
  const person = await scim.idOf('paul');
  const page = await site.open(`/people/${person}`);
  await page.getByText('Managed by People', { exact: true }).waitFor();
  const panel = page.getByRole('region', { name: 'Directory' });
  await panel.getByRole('link', { name: 'Petra Principal' }).waitFor();
  await panel.getByText('paul@example.net').waitFor();
  await accessible(page);
  await button(page, 'Edit…').click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByLabel('E-mail').isEditable(), false);
  assert.equal(await dialog.getByLabel('Position').isEditable(), true);
  await accessible(page);
  await page.keyboard.press('Escape');

  const exempt = panel.getByLabel('Directories may not dismiss this person');
  await exempt.click();
  await page.waitForFunction(() => document.querySelector('main input[type=checkbox]:checked:not(:disabled)'));
  assert.equal((await scim.dismiss('paul')).status, 403);
  await exempt.click();
  await page.waitForFunction(() => document.querySelector('main input[type=checkbox]:not(:checked, :disabled)'));

  await button(panel, 'Unlink…').click();
  const question = page.getByRole('alertdialog');
  await accessible(page);
  await button(question, 'Unlink').click();
  await page.getByText('Managed by People', { exact: true }).waitFor({ state: 'detached' });
  await button(panel, 'Link to a directory…').click();
  await dialog.getByRole('combobox', { name: 'Directory' }).selectOption({ label: 'People' });
  await dialog.getByLabel('Name in the directory').fill('paul.person');
  await accessible(page);
  await button(dialog, 'Link').click();
  await panel.getByText('paul.person').waitFor();
  const { directory } = await api('query($id: ID!) { user(id: $id) { directory { userName directory { id } } } }', { id: person });
  assert.deepEqual(directory, { userName: 'paul.person', directory: { id } });
  await page.setViewportSize({ width: 320, height: 700 });
  await accessible(page);
  await page.setViewportSize({ width: 1440, height: 900 });

  // One's own profile says it too, and offers nothing.
  const { employee } = site.company.people;
  const { nodes } = await api('query($search: String!) { users(filter: { search: $search }) { nodes { id } } }', { search: employee });
  await api('mutation($input: LinkToDirectoryInput!) { linkToDirectory(input: $input) { userErrors { code } } }', {
    input: { directoryId: id, userId: nodes[0].id },
  });
  const own = await site.open(`/people/${nodes[0].id}`, { as: employee });
  await own.getByText('Managed by People', { exact: true }).waitFor();
  await own.getByRole('region', { name: 'Directory' }).getByText(employee).waitFor();
  for (const role of ['button', 'checkbox']) assert.equal(await own.locator('#main').getByRole(role).count(), 0, role);
  await accessible(own);

  // Words of the audit log, with links.
  await go(page, '/audit');
  await page.locator('main li').filter({ hasText: /unlinked Paul Person from a directory/ }).first().waitFor();
  await accessible(page);
});
