// The examples are operations that the server knows.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import { examples } from './playground/examples.mjs';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

for (const { title, query } of examples) {
  test(title, () => assert.deepEqual(validate(schema, parse(query)), []));
}
