// The page in a browser: sign in, run a query, watch a handover; nothing leaves the origin.

import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { ask, idOf, serve, signIn } from '../../tests/clients/support.mjs';

let company, browser, page;
const strange = [];

before(async () => {
  company = await serve();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const { origin } = new URL(company.url);
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) strange.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') strange.push(message.text());
  });
  page.on('pageerror', (error) => strange.push(String(error)));
  await page.goto(new URL('/graphql', company.url).href);
});
after(async () => {
  await browser?.close();
  await company?.stop();
});

const answer = () => page.locator('.graphiql-response').innerText();
const tab = (name) => page.getByRole('tab', { name }).click();

test('a wrong password is told, the right one signs in', { timeout: 60_000 }, async () => {
  await page.getByLabel('E-mail').fill(company.people.administrator);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('wrong').waitFor();
  await page.getByLabel('Password').fill(company.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
});

test('an example runs', { timeout: 60_000 }, async () => {
  await tab('Dismissed');
  await page.getByRole('button', { name: 'Execute query' }).click();
  await page.locator('.graphiql-response').getByText('totalCount').first().waitFor();
  assert.match(await answer(), /"totalCount"/);
});

test('a handover is watched', { timeout: 60_000 }, async () => {
  const token = await signIn(company, company.people.administrator);
  const recipient = await idOf(company.url, token, company.people.employee);
  const { data } = await ask(
    company.url,
    token,
    '{ users(first: 100, filter: {dismissed: false, role: EMPLOYEE}) { nodes { id email status } } }',
  );
  const leaver = data.users.nodes.find((one) => one.status === 'ACTIVE' && one.email !== company.people.employee);
  const query =
    'mutation($input: DismissUserInput!) { dismissUser(input: $input) { handover { id } userErrors { code } } }';
  const handover = [{ kind: 'TASK_RESPONSIBLE', to: { userId: recipient }, includeClosed: true }];
  const done = await ask(company.url, token, query, { input: { userId: leaver.id, handover } });
  await tab('Progress');
  // The example names its handover by a variable; here it is written down.
  const text = `subscription Progress { handoverProgress(id: "${done.data.dismissUser.handover.id}") { state progress } }`;
  const editor = page.locator('.graphiql-query-editor');
  await editor.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
  // What is typed arrives in the editor by and by; what is executed is what has arrived.
  await page.waitForFunction(
    (id) => document.querySelector('.graphiql-query-editor').textContent.includes(id),
    done.data.dismissUser.handover.id,
  );
  await page.waitForTimeout(500);
  await page.getByRole('button', { name: 'Execute query' }).click();
  await page.locator('.graphiql-response').getByText('SUCCEEDED').first().waitFor();
});

test('nothing leaves the origin, and nothing breaks the policy', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'handover-console-'));
  await page.screenshot({ path: join(folder, 'page.png') });
  await page.setViewportSize({ width: 390, height: 800 });
  await page.screenshot({ path: join(folder, 'phone.png') });
  console.log(`screenshots: ${folder}`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.deepEqual(strange, []);
});
