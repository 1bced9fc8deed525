// Bundles the console and the playground into the folder that is named: each file under the hash of its content,
// compressed, with a list of them.

import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { common, console_, entry } from './console/bundle.mjs';

const out = process.argv[2] ?? 'dist';
await mkdir(out, { recursive: true });
const shared = common(out);

const files = [];
async function bundle(options) {
  const result = await build({ ...shared, ...options });
  for (const file of result.outputFiles) {
    files.push({ name: basename(file.path), bytes: Buffer.from(file.contents) });
  }
  return { names: result.outputFiles.map((file) => basename(file.path)), metafile: result.metafile };
}

/** Writes the page of a bundle, with the addresses of its style sheet and its script. */
async function page(source, name, style, script) {
  const html = (await readFile(source, 'utf8'))
    .replace('STYLE', `/console/${style}`)
    .replace('SCRIPT', `/console/${script}`);
  files.push({ name, bytes: Buffer.from(html) });
}

const workers = {};
for (const [label, entry] of Object.entries({
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
})) {
  const { names } = await bundle({ entryPoints: { [label]: entry }, format: 'iife' });
  workers[label] = `/console/${names[0]}`;
}
const playground = await bundle({
  entryPoints: { playground: 'playground/page.jsx' },
  format: 'esm',
  jsx: 'automatic',
  legalComments: 'eof',
  define: { ...shared.define, WORKERS: JSON.stringify(workers) },
});
const named = (ending) => playground.names.find((name) => name.startsWith('playground-') && name.endsWith(ending));
await page('playground/page.html', 'playground.html', named('.css'), named('.js'));

const { metafile } = await bundle(console_);
const { script, style } = entry(metafile);
await page('console/index.html', 'console.html', basename(style), basename(script));

const hash = createHash('sha256');
for (const { name, bytes } of files) {
  hash.update(name).update(bytes);
  await writeFile(join(out, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(join(out, `${name}.br`), brotliCompressSync(bytes, { params }));
}
await writeFile(join(out, 'files.txt'), files.map(({ name }) => `${name}\n`).join(''));
await writeFile(join(out, 'build.txt'), `${hash.digest('hex').slice(0, 16)}\n`);
// What is loaded when: read by the test of sizes.
await writeFile(join(out, 'console.json'), JSON.stringify(metafile));
