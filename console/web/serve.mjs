// Serves the pages as they are in this folder, in front of a running server, to work on the pages without building it:
//
//   handover demo --listen 127.0.0.1:8000     (in another terminal)
//   npm run dev -- [http://127.0.0.1:8000] [8001]
//
// Each page of the console that is opened is bundled anew, the playground once. Everything else is passed on to the
// server.

import { context } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { common, console_, entry } from './console/bundle.mjs';
import { bundlePlayground } from './playground/bundle.mjs';

/** The policies of src/http/console.rs. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const PLAYGROUND_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; " +
  "img-src 'self' data:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; " +
  "form-action 'none'";
const MEDIA = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };
/** Addresses that are the server's even for a browser. */
const ITS_OWN = /^\/(graphql|drive|calendar|download|\.well-known|livez|readyz)(\/|$)/;

/** A page that is half written breaks by itself, and not all others with it. */
const unwritten = {
  name: 'unwritten',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\.?\// }, async ({ path, pluginData, ...rest }) => {
      if (pluginData?.resolving) return undefined;
      const { errors, ...found } = await bundler.resolve(path, { ...rest, pluginData: { resolving: true } });
      if (errors.length === 0) return found;
      console.error(`${rest.importer}: there is no ${path} yet`);
      return { path, namespace: 'unwritten' };
    });
    bundler.onLoad({ filter: /.*/, namespace: 'unwritten' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/** Serves the pages; returns the address, and how to stop. Without `watch` they are bundled only once. */
export async function serveConsole(server, port = 0, { minify = true, watch = true } = {}) {
  const builder = await context({
    ...common('dist'),
    ...console_,
    minify,
    plugins: [unwritten, ...console_.plugins],
    absWorkingDir: import.meta.dirname,
  });
  const files = new Map();
  let build = '';
  /** Returns the page. The parts of earlier ones stay: other tabs have them open. */
  async function bundle() {
    const { outputFiles, metafile } = await builder.rebuild();
    for (const { path, contents } of outputFiles) files.set(basename(path), contents);
    const { script, style } = entry(metafile);
    build = createHash('sha256').update(script).update(style).digest('hex').slice(0, 16);
    const html = await readFile(new URL('console/index.html', import.meta.url), 'utf8');
    return html.replace('STYLE', `/console/${basename(style)}`).replace('SCRIPT', `/console/${basename(script)}`);
  }
  const first = await bundle();
  let playground;
  /** Returns the page of the playground: its editor takes a while to bundle. */
  async function bundleOnce() {
    playground ??= bundlePlayground({ ...common('dist'), minify, absWorkingDir: import.meta.dirname });
    const page = await playground;
    for (const { name, bytes } of page.files) files.set(name, bytes);
    return page.html;
  }
  const answerPage = (response, html, policy) => {
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy };
    response.writeHead(200, { ...headers, 'cache-control': 'no-store' }).end(html);
  };

  async function answer(request, response) {
    const { pathname } = new URL(request.url, 'http://page');
    const wantsPage = request.method === 'GET' && request.headers.accept?.startsWith('text/html');
    if (pathname === '/console/version') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ build }));
    } else if (pathname.startsWith('/console/')) {
      const file = files.get(basename(pathname));
      const type = MEDIA[pathname.split('.').at(-1)] ?? 'application/octet-stream';
      response.writeHead(file ? 200 : 404, { 'content-type': type, 'cache-control': 'no-store' }).end(file);
    } else if (wantsPage && pathname === '/graphql') {
      answerPage(response, await bundleOnce(), PLAYGROUND_POLICY);
    } else if (wantsPage && !ITS_OWN.test(pathname)) {
      answerPage(response, watch ? await bundle() : first, POLICY);
    } else {
      pass(request, response);
    }
  }
  /** Host and Origin stay those of the page: the server compares them. */
  function pass(request, response) {
    const { method, url, headers } = request;
    const onward = send(new URL(url, server), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  const http = createServer((request, response) => {
    answer(request, response).catch((cause) => {
      console.error(cause.message);
      response.writeHead(500, { 'content-type': 'text/plain' }).end(cause.message);
    });
  });
  http.on('upgrade', ({ method, url, rawHeaders }, socket, head) => {
    const { hostname, port } = new URL(server);
    const onward = connect(port, hostname);
    onward.write(`${method} ${url} HTTP/1.1\r\n`);
    for (let at = 0; at < rawHeaders.length; at += 2) onward.write(`${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`);
    onward.write('\r\n');
    onward.write(head);
    for (const [one, other] of [[socket, onward], [onward, socket]]) {
      one.pipe(other);
      one.on('error', () => other.destroy());
    }
  });
  await new Promise((listening) => http.listen(port, '127.0.0.1', listening));
  const stop = async () => {
    http.closeAllConnections();
    http.close();
    await builder.dispose();
  };
  return { url: `http://127.0.0.1:${http.address().port}`, stop };
}

if (import.meta.url === pathToFileURL(argv[1]).href) {
  const { url } = await serveConsole(argv[2] ?? 'http://127.0.0.1:8000', Number(argv[3] ?? 8001), { minify: false });
  console.log(`the console is at ${url}`);
}
