// Signing in with an identity provider: set up, used, linked and retired; and who may still sign in with a password.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';
import { button } from './lists.mjs';
import { provide } from './provider.mjs';
import { LOCAL } from './receiver.mjs';

let site;
let token;
let provider;
before(async () => {
  provider = await provide();
  site = await start(LOCAL);
  site.others.add(provider.issuer);
  token = await tokenOf(site.company, site.company.people.administrator);
});
afterEach(() => site.settle());
after(async () => {
  provider?.stop();
  await site?.stop();
});

async function api(query, variables) {
  const { data, errors } = await ask(site.company.url, token, query, variables);
  assert.equal(errors, undefined);
  return Object.values(data)[0];
}

const dialog = (page) => page.getByRole('dialog');
const alert = (page) => page.getByRole('main').getByRole('alert');
const stored = (page) => page.evaluate(() => [...Object.keys(sessionStorage)].filter((key) => key.includes('away')));

describe('an identity provider', () => {
  it('is created: problems at their fields, and then what to enter there', async () => {
    const page = await site.open('/settings/company');
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Sign-in' }).click();
    await page.getByText('There are no identity providers').waitFor();
    await accessible(page);
    await button(page, 'New identity provider').click();
    await button(dialog(page), 'Create').click();
    await dialog(page).getByText('This has to be filled in.').first().waitFor();
    await accessible(page);
    await dialog(page).getByLabel('Name').fill('Acme ID');
    await dialog(page).getByLabel('Issuer').fill('https://10.1.2.3');
    await dialog(page).getByLabel('Client ID').fill('handover');
    await dialog(page).getByLabel('Client secret').fill('a secret');
    assert.equal(await dialog(page).getByLabel('Redirect URIs').inputValue(), `${site.url}/sign-in/callback`);
    await dialog(page).getByLabel('E-mail domains').fill('example.com\nexample.net');
    await button(dialog(page), 'Create').click();
    await dialog(page).locator('input[aria-invalid]').waitFor();
    const issuer = dialog(page).getByLabel('Issuer');
    assert.ok(await issuer.evaluate((field) => field === document.activeElement), 'the problem has the focus');
    await accessible(page);
    await issuer.fill(provider.issuer);
    await button(dialog(page), 'Create').click();
    await page.getByRole('heading', { name: 'What to enter at Acme ID' }).waitFor();
    assert.equal(
      await page.getByRole('textbox', { name: 'Redirect URI of this console' }).inputValue(),
      `${site.url}/sign-in/callback`,
    );
    const logout = await page.getByRole('textbox', { name: 'Back-channel logout URL' }).inputValue();
    assert.match(logout, /\/auth\/oidc\/.+\/backchannel-logout$/);
    await accessible(page);
    await page.setViewportSize({ width: 320, height: 1400 });
    await accessible(page);
    await page.setViewportSize({ width: 1440, height: 900 });
    await button(dialog(page).locator('footer'), 'Close').click();
    await page.getByRole('row').filter({ hasText: 'Acme ID' }).getByText('example.com, example.net').waitFor();
    await accessible(page);

    await page.getByRole('button', { name: 'Actions for Acme ID' }).click();
    await page.getByRole('menuitem', { name: 'Edit…' }).click();
    await dialog(page).getByText('One is stored.').waitFor();
    await dialog(page).getByLabel('Name').fill('Acme');
    await dialog(page).getByLabel('E-mail domains').fill('example.com');
    await accessible(page);
    await button(dialog(page), 'Save').click();
    await page.getByText('Saved.').waitFor();
    await page.getByRole('rowheader', { name: 'Acme' }).waitFor();
    const [saved] = await api('{ identityProviders { name emailDomains hasClientSecret } }');
    assert.deepEqual(saved, { name: 'Acme', emailDomains: ['example.com'], hasClientSecret: true });
  });

  it('signs an employee in, who then is where they wanted to go', async () => {
    const email = site.company.people.employee;
    provider.account = { sub: 'employee', email, email_verified: true };
    const page = await site.open('/work/tasks?state=all', { as: null });
    await button(page, 'Sign in with Acme').waitFor();
    await accessible(page);
    await button(page, 'Sign in with Acme').click();
    await page.getByRole('heading', { name: 'Tasks', level: 1 }).waitFor();
    assert.equal(new URL(page.url()).search, '?state=all');
    assert.deepEqual(await stored(page), []);
    await page.reload();
    await page.getByRole('heading', { name: 'Tasks', level: 1 }).waitFor();

    await page.goto(`${site.url}/me/security`);
    const row = page.getByRole('table', { name: 'Identity providers' }).getByRole('row').filter({ hasText: 'Acme' });
    await row.getByText('By the e-mail address').waitFor();
    await accessible(page);
    await page.getByRole('button', { name: /Account and appearance/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).last().click();
    await page.getByText('You have been signed out.').waitFor();
    const elsewhere = page.getByRole('link', { name: 'Sign out of the identity provider too' });
    assert.match(await elsewhere.getAttribute('href'), new RegExp(`^${provider.issuer}/logout`));
    await accessible(page);
  });

  it('says in one sentence what did not work', async () => {
    provider.account = { sub: 'nobody', email: 'nobody@elsewhere.example', email_verified: true };
    const page = await site.open('/people', { as: null });
    await button(page, 'Sign in with Acme').click();
    await alert(page).getByText('Your account there is not known here').waitFor();
    assert.equal(new URL(page.url()).search, '');
    await accessible(page);
    await page.getByRole('link', { name: 'Back' }).click();
    await page.waitForURL(/\/people$/);

    provider.refuses = 'access_denied';
    await button(page, 'Sign in with Acme').click();
    await alert(page).getByText('The sign-in was cancelled.').waitFor();
    provider.refuses = null;
    await page.goto(`${site.url}/sign-in/callback?state=stolen&code=stolen`);
    await alert(page).getByText('This sign-in was begun in another tab, or is over.').waitFor();
    assert.equal(new URL(page.url()).search, '');
    await page.goto(`${site.url}/sign-in/with`);
    await alert(page).waitFor();
    await accessible(page);
  });

  it('is linked by an administrator, and unlinked', async () => {
    provider.account = { sub: 'administrator', email: site.company.people.administrator, email_verified: true };
    const page = await site.open('/me/security');
    await page.getByText('No account is linked.').waitFor();
    await accessible(page);
    await button(page, 'Link your account at Acme').click();
    await page.getByText('Your account was linked.').waitFor();
    const row = page.getByRole('table', { name: 'Identity providers' }).getByRole('row').filter({ hasText: 'Acme' });
    await row.getByText('By the person').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Link your account/ }).count(), 0);

    const [{ id }] = await api('{ identityProviders { id } }');
    const other = await site.open(`/sign-in/with?provider=${id}`, { as: null });
    await other.getByRole('navigation', { name: 'Main' }).waitFor();

    await row.getByRole('button', { name: 'Unlink the account at Acme' }).click();
    await accessible(page);
    await button(page.getByRole('alertdialog'), 'Unlink').click();
    await page.getByText('The account was unlinked.').waitFor();
    await page.getByText('No account is linked.').waitFor();
    // It belongs to nobody: administrators are not found by their address.
    provider.account = { sub: 'administrator', email: site.company.people.administrator, email_verified: true };
    const third = await site.open('/', { as: null });
    await button(third, 'Sign in with Acme').click();
    await alert(third).getByText('Your account there is not known here').waitFor();
  });

  it('is unlinked in a profile, by whoever manages sign-in', async () => {
    const email = site.company.people.employee;
    provider.account = { sub: 'employee', email, email_verified: true };
    const [{ id }] = await api('{ identityProviders { id } }');
    const theirs = await site.open(`/sign-in/with?provider=${id}`, { as: null });
    await theirs.getByRole('navigation', { name: 'Main' }).waitFor();
    const mine = await tokenOf(site.company, email);
    const userId = (await ask(site.company.url, mine, '{ viewer { user { id } } }')).data.viewer.user.id;

    const page = await site.open(`/people/${userId}/sessions`);
    const accounts = page.getByRole('table', { name: 'Identity providers' });
    const row = accounts.getByRole('row').filter({ hasText: 'Acme' });
    await row.getByText('By the e-mail address').waitFor();
    await accessible(page);
    assert.equal(await page.getByRole('button', { name: /^Link your account/ }).count(), 0);
    await row.getByRole('button', { name: 'Unlink the account at Acme' }).click();
    await page.getByRole('heading', { name: 'Unlink the account at Acme?' }).waitFor();
    await accessible(page);
    await button(page.getByRole('alertdialog'), 'Unlink').click();
    await accounts.waitFor({ state: 'detached' });
    // Their session has ended.
    await theirs.reload();
    await button(theirs, 'Sign in with Acme').waitFor();
  });

  it('lets a page that waits go on, from another tab', async () => {
    const email = site.company.people.employee;
    provider.account = { sub: 'employee', email, email_verified: true };
    const page = await site.open('/me', { as: email });
    await loaded(page);
    const mine = await tokenOf(site.company, email);
    const userId = (await ask(site.company.url, mine, '{ viewer { user { id } } }')).data.viewer.user.id;
    const end = 'mutation($input: EndSessionsInput!) { endSessions(input: $input) { userErrors { code } } }';
    await ask(site.company.url, mine, end, { input: { userId } });
    await page.evaluate(() => history.pushState(null, '', '/me/security'));
    const link = dialog(page).getByRole('link', { name: 'Sign in with Acme, in a new tab' });
    await link.waitFor();
    await accessible(page);
    const [tab] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
    await tab.getByRole('navigation', { name: 'Main' }).waitFor();
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Sessions and password', level: 1 }).waitFor();
  });

  it('is left by passwords only when there is a way back', async () => {
    const page = await site.open('/settings/sign-in');
    await loaded(page);
    const panel = page.getByRole('region', { name: 'Who may sign in with a password' });
    await panel.getByLabel('Nobody but the break-glass accounts').check();
    await button(panel, 'Save').click();
    await panel.getByText('name two break-glass accounts').waitFor();
    await accessible(page);
    await button(panel, 'Add people…').click();
    const picker = dialog(page);
    await picker.getByLabel('Search name, e-mail or position').fill(site.company.people.employee);
    await picker.getByRole('checkbox').first().check();
    await button(picker, 'Choose').click();
    await button(panel, 'Save').click();
    await panel.getByText('a break-glass account is an active administrator').waitFor();
    await panel.getByRole('button', { name: /^Remove / }).click();
    await panel.getByRole('radio', { name: /^Administrators/ }).check();
    await button(panel, 'Save').click();
    await page.getByText('Saved.').waitFor();
    assert.equal((await api('{ settings { passwordSignIn } }')).passwordSignIn, 'ADMINISTRATORS');

    const other = await site.open('/', { as: null });
    await other.getByLabel('E-mail').fill(site.company.people.employee);
    await other.getByLabel('Password').fill(site.company.password);
    await button(other, 'Sign in').click();
    await other.getByText('You can’t sign in with a password.').waitFor();
    await accessible(other);
  });

  it('is retired', async () => {
    const page = await site.open('/settings/sign-in');
    await page.getByRole('button', { name: 'Actions for Acme' }).click();
    await page.getByRole('menuitem', { name: 'Retire…' }).click();
    await accessible(page);
    await button(page.getByRole('alertdialog'), 'Retire').click();
    await page.getByText('“Acme” was retired.').waitFor();
    await page.getByText('There are no identity providers').waitFor();
    const other = await site.open('/', { as: null });
    await button(other, 'Sign in').waitFor();
    assert.equal(await other.getByRole('button', { name: /^Sign in with/ }).count(), 0);
  });
});
