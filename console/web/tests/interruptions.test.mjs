// What comes between: sessions that end, too many requests, an upgrade, other people, and what is not allowed.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, idOf, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, signIn, start } from './harness.mjs';
import { button, go } from './lists.mjs';

let site;
let token;
/** The administrator of the tests, another one, and people who work here. */
let me;
let other;
let people;

before(async () => {
  site = await start();
  const { administrator } = site.company.people;
  token = await tokenOf(site.company, administrator);
  const { administrators, users } = await api(`{
    administrators: users(filter: { status: [ACTIVE], role: ADMINISTRATOR }) { nodes { id name email } }
    users(first: 100, filter: { status: [ACTIVE], role: EMPLOYEE }) {
      nodes { id name email head { id } department { id name } work { lines { kind } } } }
  }`);
  me = administrators.nodes.find(({ email }) => email === administrator);
  other = administrators.nodes.find(({ email }) => email !== administrator);
  people = users.nodes.filter(
    ({ email, head, work }) =>
      head && email !== site.company.people.employee && work.lines.some(({ kind }) => kind === 'TASK_RESPONSIBLE'),
  );
});
afterEach(() => site.settle());
after(() => site?.stop());

async function api(query, variables) {
  const { data, errors } = await ask(site.company.url, token, query, variables);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}
async function change(name, input) {
  const type = name[0].toUpperCase() + name.slice(1);
  const data = await api(`mutation($input: ${type}Input!) { ${name}(input: $input) { userErrors { code } } }`, { input });
  assert.deepEqual(data[name].userErrors, []);
}
const endSessions = ({ id }) => change('endSessions', { userId: id });
const tasksGo = (page) => page.getByLabel('Who gets: Tasks to do', { exact: true });

describe('a session that ends', () => {
  it('throws out somebody who is dismissed, within two seconds, and shows nothing of before', async () => {
    const leaver = people.shift();
    const page = await site.open('/me', { as: leaver.email });
    await loaded(page);
    await go(page, '/people');
    await page.getByRole('table').getByRole('row').nth(1).waitFor();
    await change('dismissUser', { userId: leaver.id });
    const since = Date.now();
    await page.getByText('Your session has ended.').waitFor({ timeout: 2_000 });
    assert.ok(Date.now() - since < 2_000);
    const text = await page.locator('body').innerText();
    assert.ok(!text.includes(leaver.name), text);
    for (const name of [me.name, 'People', 'Tasks']) assert.ok(!text.includes(name), name);
    await accessible(page);
    await page.goBack();
    await button(page, 'Sign in').waitFor();
    await page.reload();
    await button(page, 'Sign in').waitFor();
    assert.equal(await page.getByRole('navigation', { name: 'Main' }).count(), 0);
    // The account is closed, not only this session.
    await page.getByLabel('E-mail').fill(leaver.email);
    await page.getByLabel('Password').fill(site.company.password);
    await button(page, 'Sign in').click();
    await page.getByRole('alert').getByText('The e-mail address or the password is wrong.').waitFor();
  });

  it('keeps the draft of a dismissal for the same person, and not for another one', async () => {
    const leaver = people[0];
    const page = await site.open(`/people/${leaver.id}/dismiss?step=2`, { as: other.email });
    await tasksGo(page).selectOption('stay');
    await endSessions(other);
    const dialog = page.getByRole('dialog', { name: 'Sign in' });
    await dialog.waitFor();
    assert.ok(await tasksGo(page).isHidden(), 'the page is hidden meanwhile');
    assert.equal(await dialog.getByLabel('E-mail').inputValue(), other.email);
    await accessible(page);
    await page.keyboard.press('Escape');
    await dialog.getByLabel('Password').fill(site.company.password);
    await button(dialog, 'Sign in').click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await tasksGo(page).inputValue(), 'stay');
    await button(page, 'Next: look at the plan').click();
    await page.getByRole('row', { name: new RegExp(`Tasks to do Stays with ${leaver.name}`) }).waitFor();

    await endSessions(other);
    await dialog.waitFor();
    await dialog.getByLabel('E-mail').fill(me.email);
    await dialog.getByLabel('Password').fill(site.company.password);
    await button(dialog, 'Sign in').click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText(`You are now signed in as ${me.name}`).waitFor();
    assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
    await go(page, `/people/${leaver.id}/dismiss?step=2`);
    assert.equal(await tasksGo(page).inputValue(), 'head');
  });

  it('is left for the sign-in of somebody else without a trace', async () => {
    const leaver = people[0];
    const page = await site.open(`/people/${leaver.id}/dismiss?step=2`, { as: other.email });
    await tasksGo(page).selectOption('stay');
    await endSessions(other);
    await button(page, 'Leave this page, and sign in as somebody else').click();
    await page.getByText('Your session has ended.').waitFor();
    assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
    await signIn(page, me.email, site.company.password);
    assert.equal(await tasksGo(page).inputValue(), 'head');
  });
});

describe('what is in the way', () => {
  it('too many requests: the page counts down and goes on by itself', async () => {
    const page = await site.open('/me/security');
    await loaded(page);
    let sent = 0;
    await page.route('**/graphql', (route) => {
      if (!route.request().postData()?.includes('query People(')) return route.continue();
      sent += 1;
      if (sent > 1) return route.continue();
      const json = { errors: [{ message: 'too many', extensions: { code: 'RATE_LIMITED' } }] };
      return route.fulfill({ status: 429, headers: { 'retry-after': '3' }, json });
    });
    await page.getByRole('link', { name: 'People', exact: true }).click();
    const timer = page.getByRole('timer');
    await timer.getByText('It goes on in 3 seconds.').waitFor();
    await timer.getByText('It goes on in 1 second.').waitFor();
    await page.getByRole('table').getByRole('row').nth(1).waitFor();
    await timer.waitFor({ state: 'detached' });
    assert.equal(sent, 2);
  });

  it('too many attempts to sign in: the button waits', async () => {
    const page = await site.open('/', { as: null });
    const json = { errors: [{ message: 'too many', extensions: { code: 'RATE_LIMITED' } }] };
    await page.route('**/session', (route) => route.fulfill({ status: 429, headers: { 'retry-after': '2' }, json }));
    await page.getByLabel('E-mail').fill(me.email);
    await page.getByLabel('Password').fill(site.company.password);
    await button(page, 'Sign in').click();
    await page.getByText('Too many attempts. Try again in 2 seconds.').waitFor();
    assert.ok(await button(page, 'Sign in').isDisabled());
    await page.unroute('**/session');
    await button(page, 'Sign in').click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  it('an upgrade: a part that is gone offers to reload', async () => {
    const page = await site.open('/me');
    await loaded(page);
    page.expectsErrors = true;
    await page.route('**/console/version', (route) => route.fulfill({ json: { build: 'another' } }));
    await page.route('**/console/*.js', (route) => route.fulfill({ status: 404 }));
    await page.getByRole('link', { name: 'Files', exact: true }).click();
    await page.getByText('This part of the page is gone: there is a new version.').waitFor();
    await page.getByText('There is a new version of this page.').waitFor();
    await accessible(page);
    await page.unrouteAll();
    await page.locator('main').getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    assert.equal(await page.getByText('There is a new version of this page.').count(), 0);
  });

  it('no connection at the last step: nothing is sent, and the draft is kept', async () => {
    const leaver = people[0];
    const page = await site.open(`/people/${leaver.id}/dismiss?step=2`);
    page.expectsErrors = true;
    let sent = 0;
    page.on('request', (request) => (sent += request.postData()?.includes('mutation') ? 1 : 0));
    await tasksGo(page).selectOption('stay');
    await button(page, 'Next: look at the plan').click();
    await page.getByRole('table', { name: 'The plan' }).waitFor();
    const confirm = button(page, `Dismiss ${leaver.name} now`);
    await confirm.click({ trial: true });
    await page.context().setOffline(true);
    await page.getByText('No connection. What you have entered stays here.').waitFor();
    assert.ok(await confirm.isDisabled());
    await confirm.press('Enter');
    await page.context().setOffline(false);
    await page.getByText('No connection. What you have entered stays here.').waitFor({ state: 'detached' });
    await confirm.click({ trial: true });
    assert.equal(sent, 0);
    await page.reload();
    await page.getByRole('row', { name: new RegExp(`Tasks to do Stays with ${leaver.name}`) }).waitFor();
    const { user } = await api('query($id: ID!) { user(id: $id) { status } }', { id: leaver.id });
    assert.equal(user.status, 'ACTIVE');
  });

  it('a date in the past is refused where it was entered', async () => {
    const page = await site.open(`/people/${people[0].id}/dismiss`);
    await page.getByRole('radio', { name: /^On a date/ }).check();
    await page.getByRole('spinbutton', { name: /^day/ }).focus();
    await page.keyboard.type('020120200900');
    await button(page, 'Next: what goes to whom').click();
    await page.getByText('This moment has passed.').waitFor();
    await accessible(page);
    assert.doesNotMatch(page.url(), /step=2/);
    await page.getByRole('radio', { name: /^Now/ }).check();
    await button(page, 'Next: what goes to whom').click();
    await page.waitForURL(/step=2/);
  });
});

describe('the list of people', () => {
  it('keeps search, filter, department and order in the address, over Back and a reload', async () => {
    const { department } = people[0];
    const page = await site.open('/people');
    await loaded(page);
    await page.getByLabel('Sorted by').selectOption('EMAIL');
    await page.waitForURL(/sort=EMAIL/);
    await page.getByRole('radio', { name: 'All', exact: true }).check();
    await page.waitForURL(/show=all/);
    const tree = page.getByRole('treegrid', { name: 'Departments' });
    const branch = tree.getByRole('row', { name: new RegExp(department.name) });
    // Branches below the first are closed at first.
    for (let turn = 0; turn < 20 && !(await branch.count()); turn++) {
      await tree.locator('[role=row][aria-expanded=false]').first().getByRole('button').click();
    }
    await branch.first().getByText(department.name).click();
    await page.waitForURL((url) => url.searchParams.get('department') === department.id);
    await page.getByRole('searchbox', { name: 'Search name, e-mail or position' }).fill('a');
    await page.waitForURL(/q=a/);
    const filter = { departmentId: department.id, search: 'a' };
    const query = `query($filter: UserFilter) {
      users(first: 50, filter: $filter, orderBy: { field: EMAIL, direction: ASC }) { nodes { email } } }`;
    const wanted = (await api(query, { filter })).users.nodes.map(({ email }) => email);
    assert.ok(wanted.length > 1);
    const shown = () => page.locator('tbody th small').allInnerTexts();
    const same = async () => {
      await page.getByText(`${wanted.length} people`, { exact: true }).waitFor();
      assert.deepEqual(await shown(), wanted);
    };
    await same();
    await page.reload();
    await same();
    assert.ok(await page.getByRole('radio', { name: 'All', exact: true }).isChecked());
    assert.equal(await page.getByLabel('Sorted by').inputValue(), 'EMAIL');
    await page.locator('tbody th a').first().click();
    await page.waitForURL(/\/people\/user_/);
    await page.goBack();
    await same();
    await page.goBack();
    await page.waitForURL((url) => !url.searchParams.has('department'));
    assert.ok(await page.getByRole('radio', { name: 'All', exact: true }).isChecked());
    await page.goBack();
    assert.ok(await page.getByRole('radio', { name: 'Working here' }).isChecked());
    await page.goBack();
    await page.waitForURL(/\/people$/);
    assert.equal(await page.getByLabel('Sorted by').inputValue(), 'NAME');
  });

  it('shows employees those who have left only if the company wants it', async () => {
    await change('dismissUser', { userId: people.at(-1).id });
    const page = await site.open('/people', { as: site.company.people.employee });
    for (const showDismissedEmployees of [false, true, false]) {
      await change('updateSettings', { showDismissedEmployees });
      await page.goto(`${site.url}/people?show=left`);
      await page.locator('main p.count').waitFor();
      await loaded(page);
      assert.equal(await page.getByRole('radio', { name: 'Dismissed persons' }).count(), showDismissedEmployees ? 1 : 0);
      assert.equal((await page.getByRole('cell', { name: /^Dismissed/ }).count()) > 0, showDismissedEmployees);
    }
    await accessible(page);
  });
});

describe('the last administrator', () => {
  it('can neither be dismissed nor made an employee, and that is said in its place', async () => {
    const query = '{ users(filter: { status: [ACTIVE], role: ADMINISTRATOR }) { nodes { id } } }';
    const others = (await api(query)).users.nodes.filter(({ id }) => id !== me.id);
    for (const { id } of others) await change('updateUser', { userId: id, role: 'EMPLOYEE' });
    const page = await site.open(`/people/${await idOf(site.company.url, token, me.email)}`);
    await loaded(page);
    assert.equal(await page.getByText('Dismiss…').count(), 0);
    await button(page, 'Edit…').click();
    const dialog = page.getByRole('dialog', { name: `Edit ${me.name}` });
    const role = dialog.getByLabel('Role');
    await role.selectOption({ label: 'Employee' });
    await button(dialog, 'Save').click();
    await dialog.getByText('This is the last administrator.').waitFor();
    assert.equal(await role.getAttribute('aria-invalid'), 'true');
    await accessible(page);
    await button(dialog, 'Cancel').click();
    await go(page, `/people/${me.id}/dismiss`);
    await page.getByText(/You can’t dismiss yourself\.|This is the last administrator\./).waitFor();
    await accessible(page);
    await go(page, `/people/dismiss?ids=${me.id},${people[0].id}`);
    await page.getByText('1 of 2 can’t be dismissed').waitFor();
    await accessible(page);
  });
});
