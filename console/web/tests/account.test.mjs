// Invitations, new passwords, and one's own account.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { idOf, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, signIn, start } from './harness.mjs';

let site;
let token;

before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
});
afterEach(() => site.settle());
after(() => site.stop());

const refused = (page) => page.locator('[aria-invalid]');
const button = (page, name) => page.getByRole('button', { name, exact: true });

/** Goes on within the page: a reload is slow. */
async function go(page, path) {
  await page.evaluate((path) => history.pushState(null, '', path), path);
  await loaded(page);
}

describe('invitations and passwords', () => {
  const PASSWORD = 'correct horse battery staple';

  it('invites somebody, who accepts', async () => {
    const page = await site.open('/people/invite');
    await page.getByLabel('E-mail').fill(site.company.people.employee);
    await accessible(page);
    await button(page, 'Create the invitation').click();
    await page.getByText('Another person has this e-mail address.').waitFor();
    await page.getByLabel('E-mail').fill('nina.newcomer@example.com');
    await page.getByLabel('First name').fill('Nina');
    await page.getByLabel('Last name').fill('Newcomer');
    await button(page, 'Create the invitation').click();
    const dialog = page.getByRole('dialog', { name: 'Invitation of Nina Newcomer' });
    await page.keyboard.press('Escape');
    const invitation = await dialog.getByLabel('Link of the invitation').inputValue();
    assert.match(invitation, /\/invitation#.{20,}$/);
    await accessible(page);
    await button(dialog, 'I have stored it').click();
    await page.getByRole('heading', { level: 1, name: 'Nina Newcomer' }).waitFor();

    const hers = await site.open('/', { as: null });
    await hers.goto(invitation);
    await hers.getByRole('heading', { level: 1, name: 'Accept the invitation' }).waitFor();
    await accessible(hers);
    const field = hers.getByLabel('New password');
    await field.fill('short');
    await button(hers, 'Accept and sign in').click();
    await refused(hers).waitFor();
    await field.fill(PASSWORD);
    await button(hers, 'Accept and sign in').click();
    await hers.getByRole('heading', { level: 1, name: 'My work' }).waitFor();
    assert.doesNotMatch(hers.url(), /#/);
    await loaded(hers);
    await accessible(hers);
    await go(hers, '/me/security');
    await hers.getByText('1 session', { exact: true }).waitFor();
    await accessible(hers);

    const again = await site.open('/', { as: null });
    await again.goto(invitation);
    await again.getByLabel('New password').fill(PASSWORD);
    await button(again, 'Accept and sign in').click();
    await again.getByText('This link has been used or has expired.').waitFor();
    await accessible(again);
  });

  it('gives somebody a new password, which they change', async () => {
    const person = { email: site.company.people.employee };
    const id = await idOf(site.company.url, token, person.email);
    const page = await site.open(`/people/${id}`);
    await page.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Link for a new password…' }).click();
    await button(page.getByRole('alertdialog'), 'Create the link').click();
    const address = await page.getByLabel('Link for the new password').inputValue();
    await button(page, 'I have stored it').click();

    const theirs = await site.open('/', { as: null });
    await theirs.goto(address);
    await theirs.getByLabel('New password').fill(PASSWORD);
    await button(theirs, 'Set and sign in').click();
    await theirs.getByRole('heading', { level: 1, name: 'My work' }).waitFor();

    const other = await site.open('/', { as: null });
    await signIn(other, person.email, PASSWORD);
    await go(theirs, '/me/security');
    await theirs.getByText('2 sessions').waitFor();
    await theirs.getByLabel('Current password').fill('not the one it is');
    await theirs.getByLabel('New password').fill(`${PASSWORD} again`);
    await button(theirs, 'Change the password').click();
    await refused(theirs).waitFor();
    assert.equal(await refused(theirs).getAttribute('name'), 'currentPassword');
    await theirs.getByLabel('Current password').fill(PASSWORD);
    await button(theirs, 'Change the password').click();
    await theirs.getByText('1 session', { exact: true }).waitFor();
    await button(theirs, 'End all sessions').click();
    await button(theirs.getByRole('alertdialog'), 'End all sessions').click();
    await theirs.getByText('You have been signed out.').waitFor();
  });

  it('says what is wrong with a link', async () => {
    const page = await site.open('/invitation', { as: null });
    await page.getByText('This link is not complete.').waitFor();
    await accessible(page);
    await go(page, '/new-password');
    await page.getByRole('heading', { name: 'Set a new password' }).waitFor();
    await page.getByText('This link is not complete.').waitFor();
  });
});
