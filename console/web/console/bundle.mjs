// How the console is bundled: for the server's build, and for working on the pages.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** React Aria has its texts in thirty languages, and thirteen calendars; the languages of the console need less. */
const ownLanguages = {
  name: 'own-languages',
  setup(bundler) {
    bundler.onResolve({ filter: /\/intl\/.*[a-z]{2}-[A-Z]{2}\.mjs$/ }, ({ path }) =>
      /en-US|de-DE/.test(path) ? undefined : { path, namespace: 'no-texts' },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'no-texts' }, () => ({ contents: 'export default {}' }));
    bundler.onResolve({ filter: /\/calendars\/\w+Calendar\.mjs$/ }, ({ path }) =>
      path.includes('Gregorian') ? undefined : { path: 'none', namespace: 'no-calendar' },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'no-calendar' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/** The one place where React Aria writes markup, to empty an element: the policy of the page forbids that to all. */
const noMarkup = {
  name: 'no-markup',
  setup(bundler) {
    bundler.onLoad({ filter: /dist\/private\/live-announcer\/LiveAnnouncer\.mjs$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replaceAll(`.innerHTML = ''`, '.replaceChildren()');
      if (contents === text) throw new Error('LiveAnnouncer writes no markup any more: this can go');
      return { contents };
    });
  },
};

/** What is loaded later than the first file: pages, and what opens over them. */
const LATER = /[\\/]console[\\/](areas[\\/]\w+|pages[\\/]Overview|shell[\\/](Help|Palette|SignInOver))\.tsx?$/;
const APP = JSON.stringify(fileURLToPath(new URL('App', import.meta.url)));

/**
 * Makes the files smaller: documents lose their indentation; and whatever is loaded later names the first file, so that
 * what both contain is one part of the first, instead of many small ones.
 */
const smaller = {
  name: 'smaller',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]console[\\/].*\.tsx?$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const short = text.replace(/graphql\(\s*`([^`]*)`/g, (_, document) => {
        const words = document.trim().replace(/\s+/g, ' ').replace(/ ?([{}():,!]) ?/g, '$1');
        return `graphql(\`${words}\``;
      });
      const contents = LATER.test(path) ? `import ${APP};\n${short}` : short;
      return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};

/** What every bundle has in common. */
export const common = (outdir) => ({
  bundle: true,
  minify: true,
  write: false,
  outdir,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
  loader: { '.ttf': 'file', '.svg': 'dataurl' },
  define: { 'process.env.NODE_ENV': '"production"' },
  publicPath: '/console',
});

export const console_ = {
  entryPoints: { main: 'console/main.tsx' },
  format: 'esm',
  jsx: 'automatic',
  splitting: true,
  metafile: true,
  plugins: [ownLanguages, noMarkup, smaller],
};

/** The names of the script and the style sheet that the page begins with. */
export function entry({ outputs }) {
  const [script, { cssBundle }] = Object.entries(outputs).find(
    ([, { entryPoint }]) => entryPoint === console_.entryPoints.main,
  );
  return { script, style: cssBundle };
}
