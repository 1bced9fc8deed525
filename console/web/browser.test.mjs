// The playground in a browser: sign in, run a query, watch a handover; nothing leaves the origin. With FRESH=1 the page
// of this folder, as for the console.

import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { ask, idOf, serve, signIn } from '../../tests/clients/support.mjs';
import { serveConsole } from './serve.mjs';

let company, fresh, url, browser, page;
const strange = [];

before(async () => {
  company = await serve();
  const server = new URL(company.url).origin;
  fresh = process.env.FRESH ? await serveConsole(server) : undefined;
  url = fresh?.url ?? server;
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
  page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== url) strange.push(request.url());
  });
  page.on('console', (message) => {
    // The browser reports by itself that nobody was signed in, and each wrong password.
    const refused = /status of 401/.test(message.text());
    if (message.type() === 'error' && !refused) strange.push(message.text());
  });
  page.on('pageerror', (error) => strange.push(String(error)));
  await page.goto(`${url}/graphql`);
});
after(async () => {
  await browser?.close();
  await fresh?.stop();
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

test('a reload signs nobody out, and the console has the same session', { timeout: 60_000 }, async () => {
  await page.reload();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  const other = await page.context().newPage();
  await other.goto(`${url}/`);
  await other.getByRole('navigation', { name: 'Main' }).waitFor();
  await other.close();
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
  const other = await page.context().newPage();
  await other.goto(`${url}/`);
  await other.getByRole('navigation', { name: 'Main' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await other.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.deepEqual(strange, []);
});
