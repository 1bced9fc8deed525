// Fault-injection tests. Each injects a fault and then checks: did the server recover by itself, does `handover check`
// find no violation, is no acknowledged write lost?
import { duel, lockout, reading, replicas } from './crowds.mjs';
import { deprovisioned } from './directory.mjs';
import { rotation, slow, webhooks } from './webhooks.mjs';
import { clock, cut, failover, full, kill, metrics, poison, pooler, restart } from './faults.mjs';

const drills = { kill, restart, cut, pooler, full, clock, poison, replicas, reading, failover, lockout, duel, deprovisioned, metrics, webhooks, slow, rotation };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !drills[name]);
if (unknown.length) {
  console.error(`unknown test ${unknown.join(', ')}; available: ${Object.keys(drills).join(', ')}`);
  process.exit(2);
}
let failed = 0;
for (const name of asked.length ? asked : Object.keys(drills)) {
  try {
    await drills[name]();
  } catch (error) {
    failed++;
    console.error(`${name} FAILED: ${error.stack}`);
  }
}
process.exit(failed ? 1 : 0);
