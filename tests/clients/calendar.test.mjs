// A calendar client, vdirsyncer, subscribes to a feed. It is installed from PyPI for the test, which is skipped without
// Python and pip or without access to PyPI.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { ask, serve, signIn } from './support.mjs';

const VERSION = 'vdirsyncer==0.21.0';

function run(command, args, env) {
  const done = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  return { ok: done.status === 0, said: `${done.stdout}${done.stderr}` };
}

/** Runs a mutation; answers its payload, which must not hold errors. */
async function mutate(url, token, name, type, input, fields) {
  const query = `mutation($input: ${type}!) { done: ${name}(input: $input) { ${fields} userErrors { code message } } }`;
  const answer = await ask(url, token, query, { input });
  assert.deepEqual(answer.data?.done?.userErrors, [], JSON.stringify(answer));
  return answer.data.done;
}

test('a calendar client subscribes, receives changes, and is refused after revocation', async (t) => {
  if (!run('python3', ['-m', 'pip', '--version']).ok) return t.skip('needs python3 with pip');
  const folder = mkdtempSync(join(tmpdir(), 'handover-vdirsyncer-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const packages = join(folder, 'packages');
  const installed = run('python3', ['-m', 'pip', 'install', '--quiet', '--target', packages, VERSION]);
  if (!installed.ok) return t.skip(`vdirsyncer could not be installed: ${installed.said}`);

  const server = await serve();
  t.after(server.stop);
  const { url, people } = server;
  const token = await signIn(server, people.employee);
  const made = await mutate(url, token, 'createCalendar', 'CreateCalendarInput', { name: 'Mine' }, 'calendar { id }');
  const calendarId = made.calendar.id;
  const event = (title, day) =>
    mutate(
      url,
      token,
      'createEvent',
      'CreateEventInput',
      { calendarId, title, startsAt: `2027-01-0${day}T09:00:00Z`, endsAt: `2027-01-0${day}T10:00:00Z` },
      'event { id }',
    );
  await event('First', 5);
  const feed = await mutate(url, token, 'createCalendarFeed', 'CalendarFeedInput', { calendarId }, 'url');

  const local = join(folder, 'local');
  mkdirSync(local);
  const config = join(folder, 'config');
  writeFileSync(
    config,
    `[general]
status_path = "${join(folder, 'status')}"
[pair calendar]
a = "theirs"
b = "ours"
collections = null
[storage theirs]
type = "http"
url = "${feed.url}"
[storage ours]
type = "filesystem"
path = "${local}"
fileext = ".ics"
`,
  );
  const vdirsyncer = (command) =>
    run('python3', ['-m', 'vdirsyncer', '--config', config, command], { PYTHONPATH: packages });
  const titles = () =>
    readdirSync(local)
      .map((name) => /SUMMARY:(.*)/.exec(readFileSync(join(local, name), 'utf8'))[1].trim())
      .sort();

  const found = vdirsyncer('discover');
  assert.ok(found.ok, found.said);
  const first = vdirsyncer('sync');
  assert.ok(first.ok, first.said);
  assert.deepEqual(titles(), ['First']);
  await event('Second', 6);
  const second = vdirsyncer('sync');
  assert.ok(second.ok, second.said);
  assert.deepEqual(titles(), ['First', 'Second']);
  await mutate(url, token, 'revokeCalendarFeed', 'CalendarFeedInput', { calendarId }, 'calendar { id }');
  const third = vdirsyncer('sync');
  assert.ok(!third.ok, third.said);
  assert.deepEqual(titles(), ['First', 'Second']);
});
