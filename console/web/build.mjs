// Bundles the console and the playground into the folder that is named: each file under the hash of its content,
// compressed, with a list of them.

import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { common, console_, entry } from './console/bundle.mjs';
import { bundlePlayground } from './playground/bundle.mjs';

const out = process.argv[2] ?? 'dist';
await mkdir(out, { recursive: true });
const shared = common(out);

const { html, files } = await bundlePlayground(shared);
files.push({ name: 'playground.html', bytes: Buffer.from(html) });

const { outputFiles, metafile } = await build({ ...shared, ...console_ });
files.push(...outputFiles.map(({ path, contents }) => ({ name: basename(path), bytes: Buffer.from(contents) })));
const { script, style } = entry(metafile);
const page = (await readFile('console/index.html', 'utf8'))
  .replace('STYLE', `/console/${basename(style)}`)
  .replace('SCRIPT', `/console/${basename(script)}`);
files.push({ name: 'console.html', bytes: Buffer.from(page) });

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
