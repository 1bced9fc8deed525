// Files: browse, make, rename, upload, download, move, share.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { accessible, loaded, start } from './harness.mjs';

let console_;
before(async () => (console_ = await start()));
afterEach(() => console_.settle());
after(() => console_?.stop());

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

async function choose(page, files) {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Upload', exact: true }).click(),
  ]);
  await chooser.setFiles(files);
}

test('make a folder, upload, rename, move, download: the same bytes', async () => {
  const page = await console_.open('/files');
  await loaded(page);
  await page.getByText('This folder is empty').waitFor();
  await accessible(page);
  const dialog = page.getByRole('dialog');

  await page.getByRole('button', { name: 'New folder…' }).click();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.getByText('This has to be filled in.').waitFor();
  await dialog.getByLabel('Name').fill('Reports');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('link', { name: 'Reports' }).waitFor();
  await page.getByRole('button', { name: 'New folder…' }).click();
  await dialog.getByLabel('Name').fill('REPORTS');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.getByText('This name is already taken here.').waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');

  const bytes = randomBytes(2_000_000);
  await choose(page, [
    { name: 'numbers.bin', mimeType: '', buffer: bytes },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') },
  ]);
  await page.getByText('2 of 2 uploaded').waitFor();
  await page.getByRole('rowheader', { name: 'notes.txt' }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Clear the list' }).click();

  await page.getByRole('button', { name: 'Actions for notes.txt' }).click();
  await page.getByRole('menuitem', { name: 'Rename…' }).click();
  await dialog.getByLabel('Name').fill('Notes of March.txt');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('rowheader', { name: 'Notes of March.txt' }).waitFor();

  for (const name of ['numbers.bin', 'Notes of March.txt']) await page.getByLabel(`Select ${name}`).check();
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Move…' }).click();
  // By keyboard alone: down to the folder, and to the button.
  await dialog.getByRole('row', { name: 'Reports' }).waitFor();
  await accessible(page);
  await dialog.getByRole('row', { name: 'My files' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await dialog.getByText('To “Reports”').waitFor();
  await dialog.getByRole('button', { name: 'Move', exact: true }).press('Enter');
  await page.getByText('2 items were moved').waitFor();
  await page.getByRole('rowheader', { name: 'numbers.bin' }).waitFor({ state: 'detached' });

  await page.getByRole('link', { name: 'Reports' }).click();
  await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
  await page.getByRole('button', { name: 'Actions for numbers.bin' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Download' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'numbers.bin');
  assert.equal(sha256(readFileSync(await download.path())), sha256(bytes));
  await page.getByRole('navigation', { name: 'Folders above' }).getByRole('link', { name: 'My files' }).click();
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
});

test('files are dropped on the list; one that is too much for the server says why', async () => {
  const page = await console_.open('/files');
  await loaded(page);
  await page.getByRole('link', { name: 'Reports' }).waitFor();
  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['dropped'], 'dropped.txt', { type: 'text/plain' }));
    return data;
  });
  await page.dispatchEvent('.drop', 'dragenter', { dataTransfer: dropped });
  await page.getByText('Drop files here').waitFor();
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: dropped });
  await page.getByRole('rowheader', { name: 'dropped.txt' }).waitFor();

  page.expectsErrors = true;
  await page.route('**/drive/**', (route) =>
    route.fulfill({ status: 413, json: { errors: [{ message: 'too large', extensions: { code: 'TOO_LARGE' } }] } }),
  );
  await choose(page, [{ name: 'large.bin', mimeType: '', buffer: Buffer.from('x') }]);
  await page.getByText('The file is larger than this server takes.').waitFor();
  await accessible(page);
  await page.unroute('**/drive/**');
  await page.getByRole('button', { name: 'Try again – large.bin' }).click();
  await page.getByRole('rowheader', { name: 'large.bin' }).waitFor();
});

test('a folder is shared, and what is below has it from above', async () => {
  const { administrator, employee } = console_.company.people;
  const page = await console_.open('/files', { as: administrator });
  await loaded(page);
  await page.getByRole('link', { name: 'Reports' }).click();
  await page.getByRole('button', { name: 'Share…' }).click();
  const sheet = page.getByRole('dialog', { name: 'Who has access' });
  await sheet.getByText('Only the owner and administrators').waitFor();
  await sheet.getByLabel('Access').selectOption('Add');
  await sheet.getByRole('button', { name: 'Share with…' }).click();
  const picker = page.getByRole('dialog', { name: 'Share with…' });
  await picker.getByLabel('Search name, e-mail or position').fill(employee);
  await picker.getByRole('listitem').filter({ hasText: employee }).getByRole('checkbox').check();
  await picker.getByRole('button', { name: 'Choose', exact: true }).click();
  await sheet.getByText('Access was set for').waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New folder…' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Below');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await page.getByRole('link', { name: 'Below' }).waitFor();
  await page.getByRole('button', { name: 'Actions for Below' }).click();
  await page.getByRole('menuitem', { name: 'Share…' }).click();
  await sheet.getByText('Comes from a folder above').waitFor();

  const theirs = await console_.open('/files/shared', { as: employee, viewport: { width: 390, height: 844 } });
  await loaded(theirs);
  await accessible(theirs);
  await theirs.getByRole('link', { name: 'Reports' }).click();
  await theirs.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
  // They may add, but neither change what is there nor share.
  await theirs.getByRole('button', { name: 'Upload', exact: true }).waitFor();
  assert.equal(await theirs.getByRole('button', { name: 'Share…' }).count(), 0);
  await theirs.getByRole('navigation', { name: 'Folders above' }).getByRole('link', { name: 'Shared with me' }).waitFor();
  await accessible(theirs);
});

test('a folder that is not there, and one that can’t be read now', async () => {
  const page = await console_.open('/files/folder_01hkm1bv00e08angpe2yjqjjhx');
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  page.expectsErrors = true;
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('SharedItems') ? route.abort() : route.continue(),
  );
  await page.getByRole('link', { name: 'Files', exact: true }).click();
  await page.getByRole('link', { name: 'Shared with me' }).click();
  await page.getByText('That did not work').waitFor();
  await accessible(page);
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Nothing is shared with you.').waitFor();
});
