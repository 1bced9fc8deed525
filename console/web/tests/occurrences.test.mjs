// The days of recurring events, against the table that the server is tested with.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseDateTime, toZoned } from '@internationalized/date';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: [new URL('../console/lib/occurrences.ts', import.meta.url).pathname],
  bundle: true,
  format: 'esm',
  write: false,
});
const { occurrences } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);

const YEAR = 365 * 86_400_000;
const TABLE = new URL('../../../src/domain/recurrence/occurrences.txt', import.meta.url);

test('the times are those of the server', () => {
  const wrong = [];
  let compared = 0;
  for (const line of readFileSync(TABLE, 'utf8').trim().split('\n')) {
    const [zone, local, recurrence, from, ...expected] = line.split(' ');
    // Events have no times of day of their own, and the end of a rule with one is known from the event.
    if (/HOURLY|BYHOUR|BYMINUTE|BYWEEKNO|COUNT|UNTIL/.test(recurrence) || expected.length === 0) continue;
    const startsAt = toZoned(parseDateTime(local), zone).toAbsoluteString();
    const begin = new Date(from);
    const end = new Date(Math.min(new Date(expected.at(-1)).getTime() + 1, begin.getTime() + 40 * YEAR));
    const event = { startsAt, endsAt: startsAt, recurrence, timezone: zone, overAt: null };
    const found = occurrences(event, begin, end).map((at) => `${at.toISOString().slice(0, 16)}Z`);
    const wanted = expected.filter((at) => new Date(at) < end);
    compared += 1;
    if (found.join() !== wanted.join()) wrong.push(`${line}\n  found ${found}`);
  }
  assert.ok(compared > 50, `${compared} compared`);
  assert.deepEqual(wrong, []);
});

test('an event that has begun before, and one that is over', () => {
  const event = { startsAt: '2026-03-23T09:00:00Z', endsAt: '2026-03-23T11:00:00Z', timezone: 'Europe/Berlin' };
  const weekly = { ...event, recurrence: 'FREQ=WEEKLY;COUNT=3', overAt: '2026-04-06T10:00:00Z' };
  const all = occurrences(weekly, new Date('2026-03-23T10:00:00Z'), new Date('2027-01-01T00:00:00Z'));
  // Ten o'clock stays ten o'clock when summer time begins.
  assert.deepEqual(
    all.map((at) => at.toISOString().slice(0, 13)),
    ['2026-03-23T09', '2026-03-30T08', '2026-04-06T08'],
  );
  const once = { ...event, recurrence: null, overAt: event.endsAt };
  assert.equal(occurrences(once, new Date('2026-03-23T12:00:00Z'), new Date('2026-04-01T00:00:00Z')).length, 0);
  assert.equal(occurrences({ ...weekly, recurrence: 'FREQ=YEARLY;BYWEEKNO=20' }, new Date(0), new Date()), null);
});
