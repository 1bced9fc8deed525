// Signs people in with three providers, through their pages and redirects, and shows that leavers can't:
// node sign-in.mjs BINARY DATABASE_URL FOLDER PYTHON_BIN

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { OAuth2Server } from "oauth2-mock-server";
import Provider from "oidc-provider";

const [BINARY, DATABASE, FOLDER, PYTHON_BIN] = process.argv.slice(2);
const PASSWORD = "correct horse battery staple 9";
const REDIRECT = "http://127.0.0.1:5999/signed-in";
const CLIENT = { client_id: "handover", client_secret: "a secret of some length" };

const guide = readFileSync(new URL("../../docs/sign-in.md", import.meta.url), "utf8");
const [, example] = /```js\n(.*?)```/s.exec(guide);
const { begin, finish } = await import(`data:text/javascript,${encodeURIComponent(example)}`);

const children = [];
process.on("exit", () => children.forEach((child) => child.kill()));

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function waitFor(url) {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
}

/** Walks through the pages of a provider as a browser does; returns the address that leads back. */
async function walk(start, login) {
  const cookies = new Map();
  let [url, form] = [start, null];
  for (let steps = 0; steps < 20; steps++) {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
    const answer = await fetch(url, {
      method: form ? "POST" : "GET",
      headers,
      body: form ? new URLSearchParams(form) : undefined,
      redirect: "manual",
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    const page = await answer.text();
    const location = answer.headers.get("location");
    if (location) {
      [url, form] = [new URL(location, url).href, null];
      if (url.startsWith(REDIRECT)) return url;
    } else {
      assert.equal(answer.status, 200, page);
      const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
      const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1];
      url = action ? new URL(action.replaceAll("&amp;", "&"), url).href : url;
      form = prompt ? { prompt, login, password: "any" } : { sub: login };
    }
  }
  throw new Error(`${start} leads nowhere`);
}

const storage = new Map();
const kept = {
  setItem: (name, value) => storage.set(name, value),
  getItem: (name) => storage.get(name),
  removeItem: (name) => storage.delete(name),
};

// The server.
for (const [email, role] of [
  ["admin@example.com", "administrator"],
  ["ann@example.com", "employee"],
  ["bob@example.com", "employee"],
  ["cleo@example.com", "employee"],
]) {
  const create = ["user", "create", email, "--role", role, "--password-stdin", "--database-url", DATABASE];
  const { status } = spawnSync(BINARY, create, { input: PASSWORD, stdio: ["pipe", "ignore", "inherit"] });
  assert.equal(status, 0, email);
}
const address = `127.0.0.1:${await freePort()}`;
const serve = ["serve", "--database-url", DATABASE, "--listen", address, "--public-url", `http://${address}`];
const more = ["--blob-url", `file://${FOLDER}/blobs`, "--rate-limit", "0", "--egress-allow", "127.0.0.0/8"];
children.push(spawn(BINARY, [...serve, ...more], { stdio: ["ignore", "ignore", "inherit"] }));
await waitFor(`http://${address}/readyz`);

async function ask(query, variables, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query, variables });
  const answer = await (await fetch(`http://${address}/graphql`, { method: "POST", headers, body })).json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

const credentials = { email: "admin@example.com", password: PASSWORD };
const signIn = "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }";
const admin = (await ask(signIn, { input: credentials })).signIn.accessToken;

async function register(name, issuer) {
  const mutation = `mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) {
    provider { id backchannelLogoutUri } userErrors { message } } }`;
  const input = {
    name,
    issuer,
    clientId: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
    redirectUris: [REDIRECT],
    emailDomains: ["example.com"],
  };
  const { createIdentityProvider: made } = await ask(mutation, { input }, admin);
  assert.deepEqual(made.userErrors, []);
  return made.provider;
}

async function works(token) {
  return ask("{ viewer { user { email } } }", {}, token).then(
    (data) => data.viewer.user.email,
    () => null,
  );
}

/** Signs in; checks whose session it is, dismisses them, and checks that they can't again. */
async function check(name, id, login, whileSignedIn) {
  const come = async () => {
    const back = await walk(await begin(ask, id, REDIRECT, kept), login);
    return finish(ask, back, kept);
  };
  let tokens = await come();
  assert.deepEqual(tokens.userErrors, [], name);
  assert.equal(await works(tokens.accessToken), `${login}@example.com`);
  if (whileSignedIn) {
    await whileSignedIn(tokens);
    tokens = await come();
    assert.deepEqual(tokens.userErrors, [], `${name}, again`);
  }
  const dismiss = "mutation ($id: ID!) { dismissUser(input: { userId: $id }) { userErrors { message } } }";
  const { dismissUser } = await ask(dismiss, { id: tokens.user.id }, admin);
  assert.deepEqual(dismissUser.userErrors, []);
  assert.equal(await works(tokens.accessToken), null);
  const refused = await come();
  assert.equal(refused.accessToken, null);
  assert.equal(refused.userErrors[0].code, "SIGN_IN_FAILED");
  console.log(`${name}: ${login} signs in, and after a dismissal is refused`);
}

// 1. oidc-provider (Node.js): tells the address at its UserInfo endpoint, names itself, and logs out by the back channel.
const port = await freePort();
const issuer = `http://127.0.0.1:${port}`;
let idToken;
function certified(client) {
  const provider = new Provider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: [REDIRECT], ...client }],
    claims: { openid: ["sub", "sid"], email: ["email", "email_verified"], profile: ["name"] },
    features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true }),
    }),
    cookies: { keys: ["a key of this test"] },
    // It would not send a logout to this machine.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  });
  provider.on("grant.success", ({ body }) => {
    idToken = body.id_token;
  });
  provider.on("server_error", (_, error) => console.error(error));
  provider.on("backchannel.error", (_, error) => console.error(error));
  return provider;
}
let current = certified({});
const server = createServer((request, response) => current.callback()(request, response));
server.listen(port, "127.0.0.1");
await waitFor(`${issuer}/.well-known/openid-configuration`);
const registered = await register("oidc-provider", issuer);
current = certified({
  backchannel_logout_uri: registered.backchannelLogoutUri,
  backchannel_logout_session_required: true,
});
await check("oidc-provider", registered.id, "ann", async (tokens) => {
  // The provider ends the session: what it does when the person signs out there.
  const client = await current.Client.find(CLIENT.client_id);
  const { sub, sid } = JSON.parse(Buffer.from(idToken.split(".")[1], "base64url"));
  await client.backchannelLogout(sub, sid);
  assert.equal(await works(tokens.accessToken), null, "signed out by the provider");
  console.log("oidc-provider: a back-channel logout ends the session");
});
server.close();

// 2. oauth2-mock-server (Node.js): tells the address in the ID token.
const mock = new OAuth2Server();
await mock.issuer.keys.generate("RS256");
const mockPort = await freePort();
await mock.start(mockPort, "127.0.0.1");
mock.issuer.url = `http://127.0.0.1:${mockPort}`;
mock.service.on("beforeTokenSigning", (token) => {
  Object.assign(token.payload, { sub: "bob", email: "bob@example.com", email_verified: true });
});
await check("oauth2-mock-server", (await register("oauth2-mock-server", mock.issuer.url)).id, "bob");
await mock.stop();

// 3. oidc-provider-mock (Python).
const pythonPort = await freePort();
const person = JSON.stringify({ sub: "cleo", email: "cleo@example.com", email_verified: true });
const start = ["--port", `${pythonPort}`, "--require-nonce", "true", "--user-claims", person];
children.push(spawn(`${PYTHON_BIN}/oidc-provider-mock`, start, { stdio: "ignore" }));
await waitFor(`http://127.0.0.1:${pythonPort}/.well-known/openid-configuration`);
const python = await register("oidc-provider-mock", `http://127.0.0.1:${pythonPort}`);
await check("oidc-provider-mock", python.id, "cleo");
process.exit(0);
