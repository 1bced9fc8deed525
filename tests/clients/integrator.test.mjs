// A typical integration: it exports the work that leavers still hold, dismisses people from a list, and reassigns work
// during absences, all with an integration token.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, serve, signIn } from './support.mjs';

const SCOPES = ['DISMISS_USERS', 'HIRE_USERS', 'REASSIGN_WORK', 'SEE_DISMISSED_USERS', 'READ_WORK'];
const KINDS = ['TASK_RESPONSIBLE', 'TASK_CREATOR', 'CRM_DEAL', 'CRM_CONTACT'];

/** Runs a document that must not fail. */
async function data(url, token, query, variables) {
  const answer = await ask(url, token, query, variables);
  assert.equal(answer.errors, undefined, JSON.stringify(answer));
  return answer.data;
}

/** Runs a mutation that must not be refused; answers its payload. */
async function mutate(url, token, name, input, fields) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
  const query = `mutation($input: ${type}) { done: ${name}(input: $input) { ${fields} userErrors { code field message } } }`;
  const { done } = await data(url, token, query, { input });
  assert.deepEqual(done.userErrors, [], name);
  return done;
}

/** The end of a handover. */
async function finished(url, token, id) {
  const query = 'query($id: ID!) { node(id: $id) { ... on Handover { state moved skipped failed } } }';
  for (let tries = 0; tries < 200; tries++) {
    const { node } = await data(url, token, query, { id });
    if (!['QUEUED', 'RUNNING'].includes(node.state)) return node;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the handover does not end');
}

/** All people of a filter, page by page. */
async function everybody(url, token, filter, fields) {
  const query = `query($filter: UserFilter, $after: String) { users(filter: $filter, first: 50, after: $after) {
    nodes { ${fields} } pageInfo { endCursor hasNextPage } } }`;
  const found = [];
  for (let after = null; ; ) {
    const { users } = await data(url, token, query, { filter, after });
    found.push(...users.nodes);
    if (!users.pageInfo.hasNextPage) return found;
    after = users.pageInfo.endCursor;
  }
}

async function begin(t) {
  const server = await serve();
  t.after(server.stop);
  const { url } = server;
  const admin = await signIn(server, server.people.administrator);
  const input = { name: 'HR', scopes: SCOPES };
  const { token } = await mutate(url, admin, 'createIntegration', input, 'token');
  const active = await everybody(url, admin, { status: ['ACTIVE'], role: 'EMPLOYEE' }, 'id email');
  return { url, admin, token, active };
}

test('an export by an integration matches what an administrator sees', async (t) => {
  const { url, admin, token } = await begin(t);
  const fields = 'id email status work { total lines { kind open } }';
  const filter = { dismissed: true };
  const seen = await everybody(url, token, filter, fields);
  assert.ok(seen.some(({ work }) => work.total > 0));
  assert.deepEqual(seen, await everybody(url, admin, filter, fields));
  const tasks = '{ tasks(filter: {heldByDismissed: true}) { totalCount } crmItems { totalCount } }';
  assert.deepEqual(await data(url, token, tasks), await data(url, admin, tasks));

  // Without the scope it gets FORBIDDEN, never an empty list.
  const { token: blind } = await mutate(
    url,
    admin,
    'createIntegration',
    { name: 'blind', scopes: ['DISMISS_USERS'] },
    'token',
  );
  for (const query of [tasks, '{ users(first: 1) { nodes { work { total } } } }']) {
    const answer = await ask(url, blind, query);
    assert.equal(answer.errors[0].extensions.code, 'FORBIDDEN', JSON.stringify(answer));
  }
});

test('leavers are dismissed from a list, with a retry after a lost response', async (t) => {
  const { url, token, active } = await begin(t);
  const [first, second, heir] = active;
  const emails = [first.email.toUpperCase(), second.email];
  const leavers = await everybody(url, token, { emails }, 'id email');
  assert.deepEqual(leavers.map(({ id }) => id).sort(), [first.id, second.id].sort());
  for (const { id } of leavers) {
    const input = { userId: id, restTo: { userId: heir.id } };
    const fields = 'changed dismissal { id } handover { id }';
    const done = await mutate(url, token, 'dismissUser', input, fields);
    assert.equal(done.changed, true);
    const again = await mutate(url, token, 'dismissUser', input, fields);
    assert.deepEqual(again, { ...done, changed: false });
    const end = await finished(url, token, done.handover.id);
    assert.equal(end.state, 'SUCCEEDED');
  }
  const input = { userId: first.id, returnWork: true };
  const back = await mutate(url, token, 'hireUser', input, 'changed handover { id }');
  assert.deepEqual(await mutate(url, token, 'hireUser', input, 'changed handover { id }'), {
    ...back,
    changed: false,
  });
  if (back.handover) assert.equal((await finished(url, token, back.handover.id)).state, 'SUCCEEDED');
});

test('work returns through a chain of absent people', async (t) => {
  const { url, token, active } = await begin(t);
  const work = 'query($id: ID!) { user(id: $id) { work { lines { kind open } } } }';
  const open = async ({ id }) => {
    const { user } = await data(url, token, work, { id });
    return user.work.lines.filter(({ kind }) => KINDS.includes(kind)).reduce((sum, line) => sum + line.open, 0);
  };
  const held = await Promise.all(active.slice(0, 40).map(async (person) => ({ person, open: await open(person) })));
  const [ann, bob, eve] = held.filter(({ open }) => open > 0);
  const handOver = async (from, to) => {
    const moves = KINDS.map((kind) => ({ kind, to: { userId: to.person.id } }));
    const input = { fromUserId: from.person.id, moves };
    const { handover } = await mutate(url, token, 'bulkReassign', input, 'handover { id }');
    assert.equal((await finished(url, token, handover.id)).state, 'SUCCEEDED');
    return handover.id;
  };
  const away = await handOver(ann, bob);
  const further = await handOver(bob, eve);
  assert.equal(await open(ann.person), 0);
  const plan = 'query($id: ID!) { undoPlan(handoverId: $id) { total userErrors { code } } }';
  const { undoPlan } = await data(url, token, plan, { id: away });
  assert.deepEqual(undoPlan, { total: ann.open, userErrors: [] });
  for (const id of [away, further]) {
    const undone = await mutate(url, token, 'undoHandover', { handoverId: id }, 'handover { id }');
    await finished(url, token, undone.handover.id);
  }
  assert.deepEqual(
    await Promise.all([ann, bob, eve].map(({ person }) => open(person))),
    [ann.open, bob.open, eve.open],
  );
});
