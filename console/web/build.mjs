// Bundles the page into the folder that is named: each file under the hash of its content, gzipped, and a list of them.

import { build } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const out = process.argv[2] ?? 'dist';
await mkdir(out, { recursive: true });

const common = {
  bundle: true,
  minify: true,
  write: false,
  outdir: out,
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  target: 'es2022',
  legalComments: 'eof',
  logLevel: 'warning',
  loader: { '.ttf': 'file', '.svg': 'dataurl' },
  define: { 'process.env.NODE_ENV': '"production"' },
  publicPath: '/console',
};

const files = [];
async function bundle(options) {
  const { outputFiles } = await build({ ...common, ...options });
  for (const file of outputFiles) files.push({ name: basename(file.path), bytes: Buffer.from(file.contents) });
  return outputFiles.map((file) => basename(file.path));
}

const workers = {};
for (const [label, entry] of Object.entries({
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
})) {
  const [name] = await bundle({ entryPoints: { [label]: entry }, format: 'iife' });
  workers[label] = `/console/${name}`;
}
const page = await bundle({
  entryPoints: { page: 'page.jsx' },
  format: 'esm',
  jsx: 'automatic',
  define: { ...common.define, WORKERS: JSON.stringify(workers) },
});
const named = (ending) => page.find((name) => name.startsWith('page-') && name.endsWith(ending));
const html = (await readFile('page.html', 'utf8'))
  .replace('STYLE', `/console/${named('.css')}`)
  .replace('SCRIPT', `/console/${named('.js')}`);
files.push({ name: 'page.html', bytes: Buffer.from(html) });

for (const { name, bytes } of files) await writeFile(join(out, name), gzipSync(bytes, { level: 9 }));
await writeFile(join(out, 'files.txt'), files.map(({ name }) => `${name}\n`).join(''));
