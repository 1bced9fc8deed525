// Logs contain no secrets, even at the most verbose level.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, serve, signIn } from './support.mjs';

test('no secret reaches the log', async (t) => {
  const company = await serve({ RUST_LOG: 'trace,h2=off,hyper=off' });
  t.after(company.stop);
  const { url, people, password } = company;
  const secrets = [password, 'a wrong password', 'hnd_a-token-that-is-none', 'a new long password'];
  const token = await signIn(company, people.administrator);
  secrets.push(token, token.split('.')[2]);
  const SIGN_IN =
    'mutation($i: SignInInput!) { signIn(input: $i) { refreshToken accessToken userErrors { code } } }';
  await ask(url, null, SIGN_IN, { i: { email: people.employee, password: 'a wrong password' } });
  const { data } = await ask(url, null, SIGN_IN, { i: { email: people.employee, password } });
  const { refreshToken, accessToken } = data.signIn;
  secrets.push(refreshToken, accessToken);
  const REFRESH = 'mutation($i: RefreshSessionInput!) { refreshSession(input: $i) { refreshToken userErrors { code } } }';
  for (let n = 0; n < 2; n++) await ask(url, null, REFRESH, { i: { refreshToken } });
  const CREATE =
    'mutation { createIntegration(input: {name: "x", scopes: [READ_AUDIT_LOG]}) { token userErrors { code } } }';
  const made = (await ask(url, token, CREATE)).data.createIntegration.token;
  secrets.push(made);
  await ask(url, made, '{ viewer { permissions } }');
  await ask(url, 'hnd_a-token-that-is-none', '{ viewer { permissions } }');
  const INVITE = 'mutation { inviteUser(input: {email: "new@example.com"}) { invitationToken userErrors { code } } }';
  const invitation = (await ask(url, token, INVITE)).data.inviteUser.invitationToken;
  secrets.push(invitation);
  const ACCEPT = 'mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { userErrors { code } } }';
  await ask(url, null, ACCEPT, { i: { token: invitation, password: 'a new long password' } });
  await fetch(`${url}?query=${encodeURIComponent('{ __typename }')}`, { headers: { authorization: `Bearer ${token}` } });
  await company.stop();
  const log = company.log();
  assert.ok(log.length > 1_000, 'nothing was written down');
  for (const secret of secrets) {
    assert.ok(typeof secret === 'string' && secret.length > 8, String(secret));
    assert.ok(!log.includes(secret), `${secret.slice(0, 12)}… is in the log`);
  }
});
