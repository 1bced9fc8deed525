// Steps on the pages of lists that several tests take.

import { accessible, loaded } from './harness.mjs';

export const button = (within, name) => within.getByRole('button', { name, exact: true });

/** Where a list says how many rows it has. */
export const count = (page, noun) =>
  page.locator('main p.count').filter({ hasText: new RegExp(`^[\\d,]+ ${noun}`) });

export const counted = async (page, noun) => Number((await count(page, noun).innerText()).replace(/\D/g, ''));

/** Goes on within the page: a reload is slow. */
export async function go(page, path) {
  await page.evaluate((path) => history.pushState(null, '', path), path);
  await loaded(page);
}

/** Picks people in the picker that is open. */
export async function pick(page, ...names) {
  const picker = page.getByRole('dialog').last();
  for (const name of names) {
    await picker.getByLabel('Search name, e-mail or position').fill(name);
    await picker.getByRole('listitem').filter({ hasText: name }).first().getByText(name).click();
  }
  await button(picker, 'Choose').click();
}

/** Chooses who gets the picked items, looks at the plan and agrees. Returns the id of the handover. */
export async function agree(page, dialog, names, items) {
  await dialog.getByRole('button', { name: /Who gets them/ }).click();
  await pick(page, ...names);
  await button(dialog, 'Look at the plan').click();
  const confirm = button(dialog, items === 1 ? 'Hand over 1 item' : `Hand over ${items} items`);
  await confirm.waitFor();
  await accessible(page);
  await confirm.click();
  await page.waitForURL(/\/handovers\/handover_/);
  return page.url().split('/').at(-1);
}
