// Calendars: favourites, feeds, and the agenda with recurring events.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ask, signIn as tokenOf } from '../../../tests/clients/support.mjs';
import { accessible, loaded, start } from './harness.mjs';

let site;
before(async () => (site = await start()));
afterEach(() => site.settle());
after(() => site?.stop());

test('a calendar is made, a favourite, renamed, and has a secret address that a stray key does not lose', async () => {
  const page = await site.open('/calendars');
  await loaded(page);
  await accessible(page);
  await page.getByRole('button', { name: 'New calendar' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Releases');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'Releases', level: 1 }).waitFor();

  const star = page.getByRole('button', { name: 'Favourite: Releases' });
  await star.click();
  await page.getByText('“Releases” is a favourite now.').waitFor();
  await page.locator('[aria-pressed=true]').waitFor();
  await page.getByRole('link', { name: 'Calendars' }).first().click();
  const favourites = page.getByRole('table', { name: 'Favourites' });
  await favourites.getByRole('link', { name: 'Releases' }).waitFor();
  await accessible(page);
  await favourites.getByRole('button', { name: 'Favourite: Releases' }).click();
  await favourites.waitFor({ state: 'detached' });
  await page.getByRole('table', { name: 'My calendars' }).getByRole('link', { name: 'Releases' }).click();
  await page.getByRole('heading', { name: 'Releases', level: 1 }).waitFor();

  const menu = page.getByRole('button', { name: 'Actions for Releases' });
  await menu.click();
  await page.getByRole('menuitem', { name: 'Address for calendar programs…' }).click();
  await page.getByRole('button', { name: 'Make an address' }).click();
  const secret = page.getByLabel('Secret address');
  const address = await secret.inputValue();
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  assert.equal(await secret.inputValue(), address);
  await accessible(page);
  await page.getByRole('button', { name: 'I have stored it' }).click();
  const feed = async () => (await fetch(address)).status;
  assert.equal(await feed(), 200);
  await menu.click();
  await page.getByRole('menuitem', { name: 'Revoke addresses…' }).click();
  await page.getByRole('button', { name: 'Revoke now' }).click();
  await page.getByText('All addresses of the calendar were revoked.').waitFor();
  assert.equal(await feed(), 404);
});

test('a weekly event keeps its time of day over a change of summer time, and can be changed', async () => {
  const { company } = site;
  const token = await tokenOf(company, company.people.administrator);
  const { data } = await ask(company.url, token, '{ viewer { user { calendars { id name } } } }');
  const calendar = data.viewer.user.calendars.find(({ name }) => name === 'Releases');
  const page = await site.open(`/calendars/${calendar.id}?from=2027-03-22`, { timezoneId: 'Europe/Berlin' });
  await loaded(page);
  await page.getByText('There is nothing in these four weeks.').waitFor();
  await accessible(page);

  await page.getByRole('button', { name: 'New event' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Create' }).click();
  await sheet.getByText('This has to be filled in.').waitFor();
  await sheet.getByRole('textbox', { name: 'Title' }).fill('Stand-up');
  // Wednesday before the clocks go forward.
  await sheet.getByRole('spinbutton', { name: /day, Starts/ }).focus();
  await page.keyboard.type('240320271000');
  await sheet.getByLabel('How often').selectOption({ label: 'Every week' });
  assert.ok(await sheet.getByLabel('Wednesday').isDisabled());
  await sheet.getByLabel('Friday').check();
  await sheet.getByLabel('Until').selectOption({ label: 'A number of times' });
  await sheet.getByLabel('How many times').fill('4');
  await accessible(page);
  await sheet.getByRole('button', { name: 'Create' }).click();
  await page.getByText('“Stand-up” was added.').waitFor();
  const days = page.locator('.agenda .panel');
  await days.first().waitFor();
  const shown = () => days.evaluateAll((all) => all.map((one) => one.innerText.replace(/\s+/g, ' ')));
  const first = await shown();
  assert.equal(first.length, 4, first.join('\n'));
  assert.match(first[0], /24 March 2027.* 10:00 – 11:00/);
  assert.match(first[3], /2 April 2027.* 10:00 – 11:00/);
  assert.match(first[0], /Every week on Wednesday and Friday, 4 times/);
  await accessible(page);

  await days.first().getByRole('button', { name: 'Stand-up' }).click();
  await accessible(page);
  await sheet.getByRole('button', { name: 'Change' }).click();
  await sheet.getByLabel('How often').selectOption({ label: 'Once' });
  await sheet.getByLabel('Place').fill('Room 3');
  await sheet.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.getByText('Room 3').waitFor();
  assert.equal((await shown()).length, 1);

  // A rule that the start does not fit is refused where it was entered.
  await days.first().getByRole('button', { name: 'Stand-up' }).click();
  await sheet.getByRole('button', { name: 'Change' }).click();
  await sheet.getByLabel('How often').selectOption({ label: 'By a rule of your own' });
  await sheet.getByRole('textbox', { name: 'Rule' }).fill('FREQ=MONTHLY;BYDAY=-1FR');
  await sheet.getByRole('button', { name: 'Save' }).click();
  await sheet.locator('.recurs .problem').waitFor();
  await sheet.getByRole('textbox', { name: 'Rule' }).fill('FREQ=MONTHLY;BYDAY=4WE');
  await sheet.getByRole('button', { name: 'Save' }).click();
  await sheet.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Later' }).click();
  await page.getByText('28 April 2027').first().waitFor();
  assert.match(page.url(), /from=2027-04-19/);
  await page.goBack();
  await page.getByText('24 March 2027').first().waitFor();
  await page.getByRole('radio', { name: 'All events' }).check();
  await page.getByRole('table', { name: 'All events' }).getByRole('button', { name: 'Stand-up' }).waitFor();
  await accessible(page);
});

test('on a narrow screen an employee has the same', async () => {
  const page = await site.open('/calendars', {
    as: site.company.people.employee,
    viewport: { width: 320, height: 700 },
  });
  await loaded(page);
  await accessible(page);
  await page.getByRole('table', { name: 'My calendars' }).getByRole('link').first().click();
  await page.getByText('There is nothing in these four weeks.').waitFor();
  await page.getByRole('button', { name: 'Show all events' }).click();
  await page.getByRole('table', { name: 'All events' }).waitFor();
  await accessible(page);
  await page.getByRole('table', { name: 'All events' }).getByRole('button').first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Change' }).click();
  await accessible(page);
});
