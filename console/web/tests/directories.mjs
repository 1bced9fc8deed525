// A directory in miniature: connects itself, and sends what directories send.

import assert from 'node:assert/strict';
import { ask } from '../../../tests/clients/support.mjs';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Sends requests with the token of a directory. */
export function scimOf(company, token) {
  const { origin } = new URL(company.url);
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
    const response = await fetch(`${origin}/scim/v2${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  };
}

/** Connects a directory as an administrator; `scim` sends requests as it. */
export async function connectDirectory(company, administrator, name) {
  const api = async (query, variables) => {
    const { data, errors } = await ask(company.url, administrator, query, variables);
    assert.equal(errors, undefined);
    return Object.values(data)[0];
  };
  const { token, integration } = await api(
    'mutation($input: CreateIntegrationInput!) { createIntegration(input: $input) { token integration { id } } }',
    { input: { name, scopes: ['PROVISION_PEOPLE'] } },
  );
  const { directory } = await api(
    'mutation($input: CreateDirectoryInput!) { createDirectory(input: $input) { directory { id } } }',
    { input: { name, integrationId: integration.id } },
  );
  const scim = scimOf(company, token);
  const ids = new Map();
  const made = ({ status, body }) => {
    assert.equal(status, 201, JSON.stringify(body));
    return body.id;
  };
  /** Creates a person; returns their id in SCIM. */
  scim.person = async (userName, full, { manager, ...others } = {}) => {
    const [givenName, familyName] = full.split(' ');
    const address = `${userName}@example.net`;
    const id = made(
      await scim('POST', '/Users', {
        schemas: [USER, ENTERPRISE],
        userName: address,
        externalId: userName,
        active: true,
        name: { givenName, familyName },
        emails: [{ value: address, type: 'work', primary: true }],
        ...others,
        ...(manager && { [ENTERPRISE]: { manager: { value: manager } } }),
      }),
    );
    ids.set(userName, id);
    return id;
  };
  scim.group = async (displayName, members) =>
    made(await scim('POST', '/Groups', { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) }));
  scim.dismiss = (userName) =>
    scim('PATCH', `/Users/${ids.get(userName)}`, {
      schemas: [PATCH],
      Operations: [{ op: 'replace', value: { active: false } }],
    });
  /** The id of somebody in the API. */
  scim.idOf = async (userName) => {
    const { nodes } = await api('query($search: String!) { users(filter: { search: $search }) { nodes { id } } }', {
      search: `${userName}@example.net`,
    });
    return nodes[0].id;
  };
  return { id: directory.id, scim };
}
