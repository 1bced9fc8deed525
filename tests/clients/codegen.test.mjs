// Front-end code generators accept the schema.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generate } from '@graphql-codegen/cli';
import { examples } from '../../console/web/playground/examples.mjs';

const schema = fileURLToPath(new URL('../../schema.graphql', import.meta.url));
const bin = fileURLToPath(new URL('node_modules/.bin/relay-compiler', import.meta.url));

test('graphql-codegen generates types for all examples', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'handover-codegen-'));
  const documents = join(folder, 'operations.graphql');
  writeFileSync(documents, examples.map(({ query }) => query).join('\n'));
  const [types] = await generate(
    {
      schema,
      documents,
      silent: true,
      generates: { [join(folder, 'types.ts')]: { plugins: ['typescript', 'typescript-operations'] } },
    },
    false,
  );
  for (const name of ['DismissMutation', 'ProgressSubscription', 'DriveItem', 'WorkKind']) {
    assert.match(types.content, new RegExp(`\\b${name}\\b`));
  }
  rmSync(folder, { recursive: true });
});

test('relay-compiler accepts the schema and a connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'handover-relay-'));
  mkdirSync(join(folder, 'src', '__generated__'), { recursive: true });
  writeFileSync(
    join(folder, 'src', 'List.js'),
    `graphql\`
  fragment List_people on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "ListQuery") {
    users(first: $count, after: $cursor, filter: { dismissed: true }) @connection(key: "List_users") {
      edges { node { id name ...List_person } }
    }
  }
\`;
graphql\`
  fragment List_person on User @refetchable(queryName: "PersonQuery") { id name status drive { id path } }
\`;
`,
  );
  const config = { src: './src', schema, language: 'javascript', artifactDirectory: './src/__generated__' };
  writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
  const said = execFileSync(bin, ['relay.config.json'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  assert.doesNotMatch(said, /warn/i);
  assert.match(readFileSync(join(folder, 'src', '__generated__', 'ListQuery.graphql.js'), 'utf8'), /List_users/);
  rmSync(folder, { recursive: true });
});
