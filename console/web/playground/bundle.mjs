// How the playground is bundled: for the server's build, and for working on the pages.

import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

const WORKERS = {
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
};
const PAGE = new URL('page.html', import.meta.url);

/** Returns the page and its files, with `shared` as the options of all bundles. */
export async function bundlePlayground(shared) {
  const files = [];
  const bundle = async (options) => {
    const { outputFiles } = await build({ ...shared, ...options });
    files.push(...outputFiles.map(({ path, contents }) => ({ name: basename(path), bytes: Buffer.from(contents) })));
    return outputFiles.map(({ path }) => basename(path));
  };
  const workers = {};
  for (const [label, entry] of Object.entries(WORKERS)) {
    const [name] = await bundle({ entryPoints: { [label]: entry }, format: 'iife' });
    workers[label] = `/console/${name}`;
  }
  const names = await bundle({
    entryPoints: { playground: 'playground/page.jsx' },
    format: 'esm',
    jsx: 'automatic',
    legalComments: 'eof',
    define: { ...shared.define, WORKERS: JSON.stringify(workers) },
  });
  const named = (ending) => names.find((name) => name.startsWith('playground-') && name.endsWith(ending));
  const html = (await readFile(PAGE, 'utf8'))
    .replace('STYLE', `/console/${named('.css')}`)
    .replace('SCRIPT', `/console/${named('.js')}`);
  return { html, files };
}
