// How much a browser loads, compressed: up to the overview, and everything in one language.

import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { common, console_, entry } from './console/bundle.mjs';

const KILOBYTE = 1_024;

test('the console is small', async () => {
  const { metafile, outputFiles } = await build({ ...common('dist'), ...console_, absWorkingDir: import.meta.dirname });
  const sizes = new Map(
    outputFiles.map(({ path, contents }) => [path.split('/').at(-1), gzipSync(contents, { level: 9 }).length]),
  );
  const sizeOf = (output) => sizes.get(output.split('/').at(-1));
  const outputs = metafile.outputs;
  const { script, style } = entry(metafile);
  const loaded = new Set([style]);
  /** What is loaded with a file, without what it loads later. */
  const load = (output) => {
    if (loaded.has(output)) return;
    loaded.add(output);
    for (const { path, kind } of outputs[output].imports) if (kind === 'import-statement') load(path);
  };
  const partOf = (source) => Object.keys(outputs).find((name) => outputs[name].entryPoint === source);
  for (const first of [script, partOf('console/texts/en.ts'), partOf('console/pages/Overview.tsx')]) load(first);
  const sum = (names) => [...names].reduce((total, name) => total + sizeOf(name), 0);
  const [overview, all] = [sum(loaded), sum(Object.keys(outputs).filter((name) => name !== partOf('console/texts/de.ts')))];
  console.log(`to the overview ${Math.round(overview / KILOBYTE)} kB, all ${Math.round(all / KILOBYTE)} kB`);
  assert.ok(overview <= 180 * KILOBYTE, `${overview} bytes are loaded up to the overview`);
  assert.ok(all <= 330 * KILOBYTE, `${all} bytes in all`);
});
