// A company, a browser, and everything that must never happen on any page: requests to others, errors, violations of the
// policy, and pages that scroll sideways.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { serve } from '../../../tests/clients/support.mjs';
import { serveConsole } from '../serve.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const WITHOUT_BACKGROUND = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts a server with a fresh company, and a browser. The pages are those in the server; with FRESH=1 those of this
 * folder, so that nothing has to be built. `env`: settings of the server.
 */
export async function start(env = {}) {
  const company = await serve(env);
  let fresh;
  let browser;
  try {
    if (process.env.FRESH) fresh = await serveConsole(new URL(company.url).origin, 0, { watch: false });
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: WITHOUT_BACKGROUND,
    });
  } catch (cause) {
    // What still runs would keep the test from ending.
    await fresh?.stop();
    await company.stop();
    throw cause;
  }
  const url = fresh?.url ?? new URL(company.url).origin;
  const strange = [];
  /** Origins that pages may go to besides their own. */
  const others = new Set();
  const contexts = [];

  /** Opens a browser of its own, with its own cookies. `options` are those of playwright. */
  async function context(options = {}) {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(30_000);
    await context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`policy: ${violatedDirective} ${blockedURI}`),
      ),
    );
    context.on('page', (page) => watch(page, url, others, strange));
    contexts.push(context);
    return context;
  }

  /** The cookie of a new session: quicker than filling in the form. */
  async function cookieOf(email, keep) {
    const response = await fetch(`${url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ email, password: company.password, keep }),
    });
    const [name, value] = /^([^=]+)=([^;]+)/.exec(response.headers.get('set-cookie')).slice(1);
    const { hostname: domain } = new URL(url);
    return { name, value, domain, path: '/session', httpOnly: true, secure: true, sameSite: 'Strict' };
  }

  /** Opens a page, signed in as somebody. */
  async function open(path = '/', { as = company.people.administrator, keep = false, ...options } = {}) {
    const own = await context(options);
    if (as) await own.addCookies([await cookieOf(as, keep)]);
    const page = await own.newPage();
    await page.goto(url + path);
    if (as) await signedIn(page);
    return page;
  }

  return {
    company,
    url,
    context,
    open,
    others,
    /** Fails if anything strange has happened on any page; closes them. */
    async settle() {
      for (const context of contexts.splice(0)) {
        for (const page of context.pages()) await fits(page);
        await context.close();
      }
      assert.deepEqual(strange.splice(0), []);
    },
    async stop() {
      await browser.close();
      await fresh?.stop();
      await company.stop();
    },
  };
}

function watch(page, url, others, strange) {
  const { origin } = new URL(url);
  page.on('request', (request) => {
    const to = request.url();
    const isOwn = /^(data|blob):/.test(to) || new URL(to).origin === origin || others.has(new URL(to).origin);
    if (!isOwn) strange.push(`foreign request: ${to}`);
  });
  page.on('console', (message) => {
    // The browser reports every refused sign-in by itself.
    const refused = /status of (401|429)/.test(message.text());
    if (/error|warning/.test(message.type()) && !refused && !page.expectsErrors) strange.push(message.text());
  });
  page.on('pageerror', (error) => strange.push(error.stack ?? String(error)));
}

export async function signIn(page, email, password, { keep = false } = {}) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  if (keep) await page.getByLabel('Keep me signed in').check();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await signedIn(page);
}

const signedIn = (page) =>
  page.getByRole('navigation', { name: 'Main' }).or(page.getByRole('button', { name: 'Menu' })).first().waitFor();

/** The page does not scroll sideways. */
export async function fits(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${page.url()} is ${wide} px too wide at ${page.viewportSize().width} px`);
}

/** Finds what keeps people out. Leaves out the announcer of React Aria, which is empty most of the time. */
export async function accessible(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const violations = await page.evaluate(async (rules) => {
    const context = { exclude: [['[role=log]']] };
    const { violations } = await axe.run(context, { runOnly: rules, resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  }, RULES);
  assert.deepEqual(violations, [], page.url());
  await fits(page);
}

/** Waits until what the page shows has been loaded. */
export async function loaded(page) {
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  await page.locator('main h1').waitFor();
}
