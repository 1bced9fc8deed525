// Requests to the API: with the token, patient where waiting helps, and honest where it does not.

import { store } from './lib/listeners';
import { accessToken, replaceToken } from './session';

/** When requests go on that were too many; null: now. */
export const heldUntil = store<number | null>(null);

/** How often a refused token is replaced before the answer is taken as it is. */
const TOKENS = 3;

function waiting(signal: AbortSignal | null | undefined, start: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = start(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    const abort = () => {
      stop();
      reject(new DOMException('no longer needed', 'AbortError'));
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

function hold(seconds: number, signal?: AbortSignal | null): Promise<void> {
  const until = Date.now() + seconds * 1_000;
  heldUntil.set(Math.max(until, heldUntil.get() ?? 0));
  return waiting(signal, (done) => {
    const timer = setTimeout(() => {
      if ((heldUntil.get() ?? 0) <= Date.now() + 50) heldUntil.set(null);
      done();
    }, seconds * 1_000);
    return () => clearTimeout(timer);
  });
}

function online(signal?: AbortSignal | null): Promise<void> {
  if (navigator.onLine) return Promise.resolve();
  return waiting(signal, (done) => {
    addEventListener('online', done, { once: true });
    return () => removeEventListener('online', done);
  });
}

/**
 * `fetch` with the token. A refused token is replaced, if need be by signing in again; a request that was one too many
 * is repeated after the time that the server names. In both cases the server has done nothing.
 */
export async function send(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  for (let refused = 0; ; ) {
    const token = await accessToken(init.signal);
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    const response = await fetch(input, { ...init, headers, credentials: 'omit' });
    if (response.status === 401 && refused < TOKENS) {
      refused += 1;
      await replaceToken(token, init.signal);
      continue;
    }
    const seconds = Number(response.headers.get('retry-after'));
    if (response.status === 429 && seconds > 0) {
      await hold(seconds, init.signal);
      continue;
    }
    return response;
  }
}

/** As `send`, for what only reads: waits for the connection. What writes has to fail at once, to be decided anew. */
export async function sendPatiently(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  await online(init.signal);
  return send(input, init);
}
