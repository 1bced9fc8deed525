// Who is signed in: tokens that live in this page and nowhere else.

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { accessToken expiresAt refreshToken user { name } userErrors { message } }
}`;
const REFRESH = `mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) { accessToken expiresAt refreshToken user { name } userErrors { message } }
}`;
const SIGN_OUT = 'mutation SignOut { signOut { userErrors { message } } }';
/** How long before its end a token is renewed, in milliseconds. */
const EARLY = 60_000;

let current = null;
let timer;
const listeners = new Set();

/** The token to send, or nothing. */
export const token = () => current?.accessToken;

/** Calls back when somebody has signed in or out. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Who is signed in, for the page. */
export const name = () => current?.user?.name ?? null;

async function run(query, input) {
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  if (current) headers.authorization = `Bearer ${current.accessToken}`;
  const body = JSON.stringify({ query, variables: input && { input } });
  const answer = await (await fetch('/graphql', { method: 'POST', headers, body })).json();
  if (answer.errors) throw new Error(answer.errors[0].message);
  const [payload] = Object.values(answer.data);
  if (payload.userErrors.length) throw new Error(payload.userErrors[0].message);
  return payload;
}

function set(session) {
  current = session;
  clearTimeout(timer);
  if (session) {
    const wait = Math.max(new Date(session.expiresAt) - Date.now() - EARLY, 1_000);
    timer = setTimeout(renew, wait);
  }
  listeners.forEach((listener) => listener());
}

async function renew() {
  const { refreshToken } = current;
  current = null;
  set(await run(REFRESH, { refreshToken }).catch(() => null));
}

/** Signs in; fails with the reason in words. */
export async function signIn(email, password) {
  set(await run(SIGN_IN, { email, password }));
}

/** Signs out. */
export async function signOut() {
  await run(SIGN_OUT).catch(() => {});
  set(null);
}
