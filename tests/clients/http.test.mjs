// GraphQL over HTTP, checked by the audit suite of graphql-http.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { auditServer } from 'graphql-http';
import { serve, signIn } from './support.mjs';

let company;
// The audit introspects the schema, also without a token.
before(async () => (company = await serve({ HANDOVER_INTROSPECTION: 'true' })));
after(() => company.stop());

for (const signedIn of [false, true]) {
  test(`every check of the audit is ok, ${signedIn ? 'with' : 'without'} a token`, async () => {
    const token = signedIn ? await signIn(company, company.people.administrator) : null;
    const fetchFn = (url, options = {}) =>
      fetch(url, {
        ...options,
        headers: { ...options.headers, ...(token && { authorization: `Bearer ${token}` }) },
      });
    const results = await auditServer({ url: company.url, fetchFn });
    const failed = results.filter((result) => result.status !== 'ok');
    assert.deepEqual(
      failed.map(({ id, name, reason }) => `${id} ${name}: ${reason}`),
      [],
    );
    assert.equal(results.length, 61);
  });
}
