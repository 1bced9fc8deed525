// The console in a browser, against a server with a sample company.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ask, signIn as tokenOf, idOf } from '../../tests/clients/support.mjs';
import { accessible, loaded, signIn, start } from './tests/harness.mjs';

let site;
before(async () => {
  site = await start();
});
afterEach(() => site.settle());
after(() => site?.stop());

const TIME = { timeout: 90_000 };

test('a wrong password is told, the right one signs in', TIME, async () => {
  const page = await site.open('/', { as: null });
  await page.getByLabel('E-mail').fill(site.company.people.administrator);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('wrong').waitFor();
  await page.getByLabel('Password').fill(site.company.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const heading = page.getByRole('heading', { name: 'Overview' });
  await heading.waitFor();
  assert.equal(await page.title(), 'Overview – Handover');
  assert.ok(await heading.evaluate((element) => element === document.activeElement));
});

test('reload keeps the session, and the token is nowhere to be found', TIME, async () => {
  const page = await site.open('/people');
  let token;
  page.on('request', async (request) => {
    token ??= (await request.headerValue('authorization'))?.replace('Bearer ', '');
  });
  await page.reload();
  await page.getByRole('heading', { name: 'People' }).waitFor();
  await loaded(page);
  assert.ok(token, 'a request carries the token');
  const places = await page.evaluate(() => {
    const own = Object.getOwnPropertyNames(window).map((name) => {
      try {
        return JSON.stringify(window[name]) ?? String(window[name]);
      } catch {
        return '';
      }
    });
    const stored = [localStorage, sessionStorage].map((storage) => JSON.stringify({ ...storage }));
    return [document.cookie, location.href, document.documentElement.outerHTML, ...stored, ...own].join('\n');
  });
  assert.ok(!places.includes(token));
  const [cookie] = await page.context().cookies(`${site.url}/session`);
  assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path], [true, true, 'Strict', '/session']);
});

test('two tabs share a session: both go on, and both are signed out', TIME, async () => {
  const one = await site.open('/people');
  const other = await one.context().newPage();
  await other.goto(`${site.url}/people`);
  await Promise.all([one.reload(), other.reload()]);
  for (const page of [one, other]) await page.getByRole('heading', { name: 'People' }).waitFor();
  await one.getByRole('button', { name: /Account and appearance/ }).click();
  await one.getByRole('button', { name: 'Sign out' }).click();
  for (const page of [one, other]) {
    await page.getByText('You have been signed out.').waitFor();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  }
});

test('a session that has ended keeps what was entered', TIME, async () => {
  const { company } = site;
  const page = await site.open('/people', { as: company.people.employee });
  await loaded(page);
  const field = page.getByRole('searchbox', { name: 'Search name, e-mail or position' });
  await field.fill('Rossi');
  const token = await tokenOf(company, company.people.administrator);
  const id = await idOf(company.url, token, company.people.employee);
  const query = 'mutation($id: ID!) { endSessions(input: {userId: $id}) { userErrors { code } } }';
  await ask(company.url, token, query, { id });
  const dialog = page.getByRole('dialog', { name: 'Sign in' });
  await dialog.waitFor();
  assert.ok(await field.isHidden(), 'the page is hidden meanwhile');
  await dialog.getByLabel('Password').fill(company.password);
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await field.inputValue(), 'Rossi');
});

test('the filters of people are in the address', TIME, async () => {
  const page = await site.open('/people');
  const count = page.getByRole('status').filter({ hasText: /^\d+ (person|people)$/ });
  await count.waitFor();
  const here = await count.innerText();
  await page.getByRole('radio', { name: 'Dismissed persons' }).check();
  await page.waitForURL(/show=left/);
  await page.getByRole('checkbox', { name: 'Still holding work' }).check();
  await page.waitForURL(/work=held/);
  await page.getByRole('cell', { name: 'Dismissed' }).first().waitFor();
  const held = await count.innerText();
  assert.notEqual(held, here);
  await page.reload();
  await page.getByRole('cell', { name: 'Dismissed' }).first().waitFor();
  assert.equal(await count.innerText(), held);
  await page.goBack();
  await page.goBack();
  assert.ok(await page.getByRole('radio', { name: 'Working here' }).isChecked());
  await page.getByRole('searchbox', { name: 'Search name, e-mail or position' }).fill('samir.cohen');
  await page.waitForURL(/q=samir\.cohen/);
  await page.getByText('1 person', { exact: true }).waitFor();
  await page.getByRole('rowheader', { name: /Samir Cohen/ }).waitFor();
  // Oneself can't be dismissed: it is not offered.
  await page.getByRole('button', { name: 'Actions for Samir Cohen' }).click();
  await page.getByRole('menuitem', { name: 'Open profile' }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: 'Dismiss…' }).count(), 0);
  await page.keyboard.press('Escape');
});

test('one, all that are shown, and all that match are picked', TIME, async () => {
  const page = await site.open('/people');
  await loaded(page);
  const group = page.getByRole('region', { name: 'Selection' });
  await page.getByRole('checkbox', { name: 'Select all that are shown' }).first().check();
  await group.getByText('50 selected').waitFor();
  const all = group.getByRole('button', { name: /^Select all \d+ that match$/ });
  const total = Number(/\d+/.exec(await all.innerText())[0]);
  await all.click();
  await group.getByText(`All ${total} selected`).waitFor();
  await page.getByRole('table').getByRole('row').nth(1).getByRole('checkbox').uncheck();
  await group.getByText(`${total - 1} selected`).waitFor();
  await group.getByRole('button', { name: 'Dismiss…' }).click();
  await page.waitForURL(/\/people\/dismiss\?all=1&except=user_/);
});

test('the palette finds pages and people', TIME, async () => {
  const page = await site.open('/people');
  await loaded(page);
  await page.keyboard.press('Control+k');
  const field = page.getByRole('searchbox', { name: 'Search pages, people, work and files' });
  await field.fill('audit');
  await page.getByRole('button', { name: 'Audit log' }).waitFor();
  await accessible(page);
  await field.press('Enter');
  await page.getByRole('heading', { name: 'Audit log' }).waitFor();
});

for (const [width, colorScheme] of [
  [1440, 'light'],
  [1440, 'dark'],
  [390, 'light'],
  [390, 'dark'],
]) {
  test(`sign-in, overview and people are accessible at ${width} px, ${colorScheme}`, TIME, async () => {
    const page = await site.open('/', { as: null, viewport: { width, height: 900 }, colorScheme });
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await accessible(page);
    await signIn(page, site.company.people.administrator, site.company.password);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await loaded(page);
    await accessible(page);
    await page.getByRole('button', { name: 'Show as table' }).click();
    await accessible(page);
    await page.goto(`${site.url}/people`);
    await loaded(page);
    await accessible(page);
    await page.getByRole('table').getByRole('row').nth(1).getByRole('checkbox').check();
    await page.getByRole('button', { name: /^Actions for/ }).first().click();
    await page.getByRole('menu').waitFor();
    await accessible(page);
  });
}

test('at 320 px, in German, with forced colours', TIME, async () => {
  const page = await site.open('/', { viewport: { width: 320, height: 700 }, forcedColors: 'active' });
  await loaded(page);
  await accessible(page);
  await page.getByRole('button', { name: /Account and appearance/ }).click();
  await accessible(page);
  await page.getByRole('radio', { name: 'Deutsch' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Übersicht' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  await page.reload();
  await page.getByRole('heading', { name: 'Übersicht' }).waitFor();
  await loaded(page);
  await accessible(page);
});
