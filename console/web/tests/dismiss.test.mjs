// Dismissing somebody in three steps, several people at once, and handing work over.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, idOf, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, fits, loaded, start } from './harness.mjs';

let site;
let token;
/** One page for most tests: signing in is slow. */
let page;

before(async () => {
  site = await start();
  token = await tokenOf(site.company, site.company.people.administrator);
});
afterEach(async () => {
  page = undefined;
  await site.settle();
});
after(() => site.stop());

const button = (name) => page.getByRole('button', { name, exact: true });
const heading = (name) => page.getByRole('heading', { name, exact: true });
const idBy = (email) => idOf(site.company.url, token, email);

async function api(query, variables) {
  const { data, errors } = await ask(site.company.url, token, query, variables);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** Who works here and holds something, by a condition. */
async function somebody(fits) {
  const { users } = await api(`{ users(first: 100, filter: { status: [ACTIVE], role: EMPLOYEE }) {
    nodes { id name email head { id name } work { total lines { kind open closed } } } } }`);
  return users.nodes.filter(({ head, work }) => head && work.total > 0).find(fits);
}
const taken = new Set();
const holder = async (also = () => true) => {
  const found = await somebody((user) => !taken.has(user.id) && also(user));
  taken.add(found.id).add(found.head.id);
  return found;
};
const holds = (...kinds) => ({ work }) => kinds.every((kind) => work.lines.some((line) => line.kind === kind));
const addTask = (responsibleId) =>
  api('mutation($input: CreateTaskInput!) { createTask(input: $input) { userErrors { code } } }', {
    input: { title: 'One more', responsibleId },
  });

/** Goes on within the page: a reload is slow. */
const go = (path) => page.evaluate((path) => history.pushState(null, '', path), path);

/** Changes an answer of the API, until `stop` is called. */
async function change(operation, edit) {
  const handler = async (route) => {
    if (!route.request().postData()?.includes(operation)) return route.continue();
    const response = await route.fetch();
    const json = await response.json();
    edit(json.data);
    return route.fulfill({ response, json });
  };
  await page.route('**/graphql', handler);
  return () => page.unroute('**/graphql', handler);
}

async function confirmStep(person, options) {
  page = await site.open(`/people/${person.id}/dismiss`, options);
  await button('Next: what goes to whom').click();
  await button('Next: look at the plan').click();
  await page.getByRole('table', { name: 'The plan' }).waitFor();
  await button(`Dismiss ${person.name} now`).waitFor();
}

describe('dismissing somebody', () => {
  it('shows the plan, does exactly that, and takes it back', async () => {
    const person = await holder();
    const theirs = await tokenOf(site.company, person.email);
    page = await site.open(`/people/${person.id}/dismiss`);
    await heading(`Dismiss ${person.name}`).waitFor();
    await page.getByLabel('Reason').fill('Moved to the sea');
    await accessible(page);
    await button('Next: what goes to whom').click();
    await page.getByLabel('Everything to').waitFor();
    await accessible(page);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'What goes to whom');
    await button('Next: look at the plan').click();
    const table = page.getByRole('table', { name: 'The plan' });
    await table.waitFor();
    await accessible(page);
    const open = person.work.lines.reduce((sum, line) => sum + line.open, 0);
    await page.getByText(`${open} items`).waitFor();
    await button(`Dismiss ${person.name} now`).click();
    await heading(`${person.name} has been dismissed`).waitFor();
    assert.equal((await ask(site.company.url, theirs, '{ viewer { user { id } } }')).status, 401);
    await page.getByText(`${open} of ${open} moved`).waitFor();
    await heading('Handed over').waitFor();
    await accessible(page);

    await page.reload();
    await heading('Handed over').waitFor();
    await page.getByText('Moved to the sea').waitFor();
    await button('Undo the handover').click();
    await page.getByRole('dialog').getByText(`${open} items come back.`).waitFor();
    await accessible(page);
    await button('Bring it back').click();
    await heading('The work has come back').waitFor();
    await accessible(page);
    const { user } = await api('query($id: ID!) { user(id: $id) { status work { total } } }', { id: person.id });
    assert.deepEqual(user, { status: 'DISMISSED', work: { total: person.work.total } });
  });

  it('works by keyboard alone, on a narrow screen', async () => {
    const person = await holder(holds('DRIVE', 'TASK_RESPONSIBLE'));
    const heir = await holder();
    page = await site.open(`/people?q=${person.email}`, { viewport: { width: 320, height: 700 }, colorScheme: 'dark' });
    await loaded(page);
    await page.evaluate(() => {
      window.mouse = 0;
      for (const type of ['mousedown', 'pointerdown', 'touchstart']) {
        addEventListener(type, () => (window.mouse += 1), { capture: true });
      }
    });
    const { keyboard } = page;
    /** Goes on by Tab to what is found. */
    const reach = async (target) => {
      for (let turn = 0; turn < 80; turn++) {
        if ((await target.count()) && (await target.evaluate((element) => element === document.activeElement))) return;
        await keyboard.press('Tab');
      }
      assert.fail(`${target} can't be reached by Tab`);
    };
    const press = async (name, key = 'Enter') => {
      await reach(button(name));
      await keyboard.press(key);
    };
    await press(`Actions for ${person.name}`);
    await page.getByRole('menu').waitFor();
    const item = page.getByRole('menuitem', { name: 'Dismiss…' });
    for (let turn = 0; turn < 8 && !(await item.evaluate((one) => one === document.activeElement)); turn++) {
      await keyboard.press('ArrowDown');
    }
    await keyboard.press('Enter');
    await heading('Who and when').waitFor();
    await accessible(page);
    await reach(page.getByRole('radio', { name: /^Now/ }));
    await keyboard.press('ArrowDown');
    assert.ok(await page.getByRole('radio', { name: /^On a date/ }).isChecked());
    await keyboard.press('ArrowUp');
    await reach(page.getByLabel('Reason'));
    await keyboard.type('By keyboard');
    await press('Next: what goes to whom');
    const tasks = page.getByLabel('Who gets: Tasks to do', { exact: true });
    await tasks.waitFor();
    await accessible(page);
    await reach(tasks);
    await keyboard.press('ArrowDown');
    await press('Choose… – Who gets: Tasks to do');
    const picker = page.getByRole('dialog', { name: 'Who gets: Tasks to do' });
    await reach(picker.getByRole('searchbox'));
    await keyboard.type(heir.email);
    await reach(picker.getByRole('checkbox', { name: heir.name }));
    await keyboard.press('Space');
    await accessible(page);
    await press('Choose', 'Space');
    await picker.waitFor({ state: 'detached' });
    await press('Next: look at the plan', 'Space');
    await page.getByRole('row', { name: new RegExp(`Tasks to do ${heir.name}`) }).waitFor();
    await button(`Dismiss ${person.name} now`).click({ trial: true });
    await accessible(page);
    await press(`Dismiss ${person.name} now`, 'Space');
    await heading(`${person.name} has been dismissed`).waitFor();
    await heading('Handed over').waitFor();
    await accessible(page);
    assert.equal(await page.evaluate(() => window.mouse), 0);
  });

  it('shows what has changed since, before anything happens', async () => {
    const person = await holder(holds('TASK_RESPONSIBLE'));
    await confirmStep(person);
    const { open } = person.work.lines.find(({ kind }) => kind === 'TASK_RESPONSIBLE');
    await addTask(person.id);
    await button(`Dismiss ${person.name} now`).click();
    await page.getByText(`Tasks to do to ${person.head.name}: ${open} → ${open + 1}`).waitFor();
    await accessible(page);
    assert.ok(await page.evaluate(() => document.activeElement.textContent.includes('has changed since')));
    assert.ok(await button(`Dismiss ${person.name} now`).isDisabled());
    await button('Take the new plan').click();
    await button(`Dismiss ${person.name} now`).click();
    await heading(`${person.name} has been dismissed`).waitFor();
  });

  it('keeps the draft without a connection and over a reload', async () => {
    const person = await holder(holds('TASK_RESPONSIBLE'));
    page = await site.open(`/people/${person.id}/dismiss?step=2`, { keep: true });
    page.expectsErrors = true;
    await page.getByLabel('Who gets: Tasks to do', { exact: true }).selectOption('stay');
    await page.reload();
    assert.equal(await page.getByLabel('Who gets: Tasks to do', { exact: true }).inputValue(), 'stay');
    await button('Next: look at the plan').click();
    await page.getByRole('table', { name: 'The plan' }).waitFor();
    await page.context().setOffline(true);
    await page.getByText('What you have chosen is kept').waitFor();
    assert.ok(await button(`Dismiss ${person.name} now`).isDisabled());
    await accessible(page);
    await addTask(person.id);
    await page.context().setOffline(false);
    await button(`Dismiss ${person.name} now`).click({ trial: true });
    assert.deepEqual(await page.evaluate(() => Object.values(sessionStorage).filter((text) => /sea|@/.test(text))), []);
  });

  it('finds out what has happened when the answer is lost', async () => {
    const person = await holder();
    await confirmStep(person);
    page.expectsErrors = true;
    let sent = 0;
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('mutation DismissUser')) return route.continue();
      sent += 1;
      // The first never arrives, the second is carried out and not answered.
      if (sent === 2) await route.fetch();
      return route.abort();
    });
    await button(`Dismiss ${person.name} now`).click();
    await page.getByText('nothing has arrived').waitFor();
    await accessible(page);
    await button(`Dismiss ${person.name} now`).click();
    await heading(`${person.name} has been dismissed`).waitFor();
    assert.equal(sent, 2);
  });

  it('can be scheduled, changed and called off', async () => {
    const person = await holder();
    page = await site.open(`/people/${person.id}/dismiss`);
    await page.getByRole('radio', { name: /^On a date/ }).check();
    await accessible(page);
    await button('Next: what goes to whom').click();
    await button('Next: look at the plan').click();
    await button('Schedule the dismissal').click();
    await heading(`${person.name} will be dismissed`).waitFor();
    await accessible(page);
    await page.getByRole('link', { name: 'Change' }).click();
    await page.getByText('This replaces the dismissal').waitFor();
    await page.goBack();
    await button('Call off').click();
    await heading(`Dismiss ${person.name}`).waitFor();
    await heading('Who and when').waitFor();
  });

  it('says who can’t be dismissed, and why', async () => {
    const { users, viewer } = await api(`{ viewer { user { id name } }
      users(first: 1, filter: { status: [INVITED] }) { nodes { id name } } }`);
    page = await site.open(`/people/${viewer.user.id}/dismiss`);
    await page.getByText('You can’t dismiss yourself.').waitFor();
    await accessible(page);
    await go(`/people/${users.nodes[0].id}/dismiss`);
    await page.getByText('has not accepted the invitation yet').waitFor();
    await page.getByRole('link', { name: 'Withdraw the invitation…' }).waitFor();
    await accessible(page);
    await go('/people/user_00000000000000000000000000/dismiss');
    await page.getByText('does not exist').waitFor();
  });

  it('says what is out of reach, and what it takes', async () => {
    const { crmRoles } = await api('{ crmRoles { id name audience rules { kind operation level } } }');
    const { id: roleId, name, rules } = crmRoles.find(({ audience }) => audience === 'ADMINISTRATORS');
    const set = (rules) =>
      api('mutation($input: SetCrmRoleInput!) { setCrmRole(input: $input) { userErrors { code } } }', {
        input: { roleId, name, rules },
      });
    const person = await holder(holds('CRM_CONTACT'));
    await set(
      rules.map((rule) => (rule.kind === 'CONTACT' && rule.operation === 'UPDATE' ? { ...rule, level: 'OWN' } : rule)),
    );
    try {
      await confirmStep(person);
      await page.getByText('out of your reach').waitFor();
      await page.getByText(/you need the permission “Change – Contacts: .+”/).waitFor();
      assert.ok(await button(`Dismiss ${person.name} now`).isDisabled());
      await accessible(page);
      await button(`Leave with ${person.name}: Contacts`).click();
      await page.getByText('out of your reach').waitFor({ state: 'detached' });
      await page.getByRole('row', { name: new RegExp(`Contacts Stays with ${person.name}`) }).waitFor();
      await button(`Dismiss ${person.name} now`).click({ trial: true });
    } finally {
      await set(rules);
    }
  });

  it('waits for another handover, and names the last administrator', async () => {
    const person = await holder();
    page = await site.open(`/people/${person.id}/dismiss`);
    const refuse = (code) => ({ dismissalPlan }) =>
      dismissalPlan.userErrors.push({ __typename: 'UserError', code, message: code, field: null });
    let stop = await change('query DismissalPlan', refuse('HANDOVER_IN_PROGRESS'));
    await button('Next: what goes to whom').click();
    await button('Next: look at the plan').click();
    await page.getByText('A handover of the same work is still under way.').waitFor();
    await accessible(page);
    await stop();
    stop = await change('query DismissalPlan', refuse('LAST_ADMINISTRATOR'));
    await button('Try again').click();
    await page.getByRole('link', { name: 'Make somebody an administrator' }).waitFor();
    await accessible(page);
    await stop();
  });

  it('tells that somebody else was faster', async () => {
    const person = await holder();
    page = await site.open(`/people/${person.id}/dismiss`);
    await page.getByLabel('Reason').fill('Begun');
    await api('mutation($input: DismissUserInput!) { dismissUser(input: $input) { changed } }', {
      input: { userId: person.id, reason: 'Faster' },
    });
    await heading(`${person.name} has been dismissed`).waitFor();
    await page.getByText('had been dismissed already').waitFor();
    await page.getByText('Faster').waitFor();
    await page.getByRole('link', { name: 'Hire back' }).waitFor();
    await accessible(page);
  });
});

describe('several people', () => {
  it('are dismissed together, without those who can’t be', async () => {
    const people = [await holder(), await holder()];
    const { viewer } = await api('{ viewer { user { id } } }');
    const ids = [...people.map(({ id }) => id), viewer.user.id];
    page = await site.open(`/people/dismiss?ids=${ids.join(',')}`);
    await page.getByText('1 of 3 can’t be dismissed').waitFor();
    await accessible(page);
    await button('Take them out and go on').click();
    await heading('Dismiss 2 people').waitFor();
    await button('Next: what goes to whom').click();
    await page.getByLabel('Everything to').waitFor();
    await accessible(page);
    await button('Next: look at the plan').click();
    await page.getByRole('table', { name: 'The plan' }).waitFor();
    await accessible(page);
    await button('Dismiss 2 people now').click();
    await heading('2 people have been dismissed').waitFor();
    await accessible(page);
    await page.reload();
    await page.getByRole('cell', { name: 'Done' }).nth(1).waitFor();
  });
});

describe('handing over', () => {
  it('divides the work among several, and follows it', async () => {
    const person = await holder(holds('TASK_RESPONSIBLE'));
    const [one, other] = [await holder(), await holder()];
    page = await site.open(`/people/${person.id}/hand-over`);
    await heading(`Hand over the work of ${person.name}`).waitFor();
    await page.getByLabel('Everything to').selectOption('people');
    await button('Next: look at the plan').click();
    await page.getByText('Choose who gets this.').first().waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Choose… – Who gets everything' }).click();
    const dialog = page.getByRole('dialog');
    for (const { name, email } of [one, other]) {
      await dialog.getByRole('searchbox').fill(email);
      await dialog.getByRole('checkbox', { name }).check();
    }
    await dialog.getByRole('button', { name: 'Choose', exact: true }).click();
    await page.getByRole('button', { name: /2 people, evenly.*Who gets everything/ }).waitFor();
    await accessible(page);
    await fits(page);
    await button('Next: look at the plan').click();
    await page.getByRole('table', { name: 'The plan' }).waitFor();
    await accessible(page);
    await button('Hand over').click();
    await heading('Handed over').waitFor();
    await accessible(page);
    await page.reload();
    await heading('Handed over').waitFor();
    assert.ok(await button('Undo the handover').isEnabled());
    assert.equal(await idBy(person.email), person.id);
  });
});
