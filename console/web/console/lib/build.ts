// Whether this page is still the one that the server has: after an upgrade its parts are gone.

import { type ComponentType, lazy } from 'react';
import { store } from './listeners';

/** The server has another build than the one that was loaded. */
export const stale = store(false);

const EVERY = 10 * 60_000;
let loaded: string | undefined;

async function check(): Promise<void> {
  try {
    const response = await fetch('/console/version');
    if (!response.ok) return;
    const { build } = (await response.json()) as { build: string };
    loaded ??= build;
    if (build !== loaded) stale.set(true);
  } catch {
    // Without a connection there is nothing to compare.
  }
}

export function watchBuild(): void {
  void check();
  setInterval(() => document.visibilityState === 'visible' && void check(), EVERY);
  addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void check());
}

/** A part of the page could not be loaded: it is gone, or the connection is. */
export class MissingPart extends Error {}

type Page = ComponentType<Record<string, string | undefined>>;

/** A page that is loaded when it is first shown, with the others of its module. */
export const part = <Name extends string>(load: () => Promise<Record<Name, ComponentType<any>>>, name: Name) =>
  lazy<Page>(async () => {
    try {
      return { default: (await load())[name] };
    } catch (cause) {
      await check();
      throw new MissingPart('a part of the page could not be loaded', { cause });
    }
  });
