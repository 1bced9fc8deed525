// Who is signed in. The access token is in this module and nowhere else; the refresh token is in a cookie that no
// script can read. Tabs share a session: one of them renews it at a time, and tells the others.

import { forgetDrafts } from './lib/drafts';
import { store, useStore } from './lib/listeners';

export interface Person {
  id: string;
  name: string;
  email: string;
}

interface Tokens {
  accessToken: string;
  /** By the clock of this device, in milliseconds. */
  until: number;
  user: Person;
}

export type Session =
  | { state: 'restoring' }
  /** The server did not answer: whether somebody is signed in is not known. */
  | { state: 'unreachable' }
  /** `elsewhere`: where to sign out of the identity provider too. */
  | { state: 'out'; why?: 'ended' | 'signedOut'; elsewhere?: string }
  | { state: 'in'; user: Person; replaced: boolean }
  /** The session has ended: the page of this person waits until they sign in again. */
  | { state: 'paused'; user: Person };

export type Refusal = { code: string; seconds: number | null };

/** How long before its end a token is renewed, and how long one lasts if the server's clock makes no sense here. */
const EARLY = 60_000;
const USUAL = 600_000;
/** When to try again if the server did not answer. */
const AGAIN = 5_000;

const session = store<Session>({ state: 'restoring' });
const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('handover.session') : undefined;
let tokens: Tokens | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let renewing: Promise<boolean> | undefined;

export const useSession = (): Session => useStore(session);

const owner = (): Person | undefined => {
  const now = session.get();
  return now.state === 'in' || now.state === 'paused' ? now.user : undefined;
};

async function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(path, { method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin' });
}

async function read(response: Response): Promise<Tokens> {
  const { accessToken, expiresAt, user } = await response.json();
  const sent = Date.parse(response.headers.get('date') ?? '') || Date.now();
  const lasts = Date.parse(expiresAt) - sent;
  return { accessToken, user, until: Date.now() + (lasts > EARLY && lasts < 144 * USUAL ? lasts : USUAL) };
}

function adopt(next: Tokens): void {
  const before = owner();
  const replaced = before !== undefined && before.id !== next.user.id;
  if (replaced) forgetDrafts();
  tokens = next;
  clearTimeout(timer);
  timer = setTimeout(() => void renew(next.accessToken), Math.max(next.until - Date.now() - EARLY, AGAIN));
  session.set({ state: 'in', user: next.user, replaced });
}

/** Forgets the person with everything of theirs. */
function clear(why?: 'ended' | 'signedOut'): void {
  tokens = undefined;
  clearTimeout(timer);
  forgetDrafts();
  session.set(why ? { state: 'out', why } : { state: 'out' });
}

/** Runs alone among all tabs. Without locks, which need HTTPS, tabs share no cookie either. */
const alone = <T>(work: () => Promise<T>): Promise<T> =>
  navigator.locks ? (navigator.locks.request('handover.session', work) as Promise<T>) : work();

/** Renews the session, unless that has happened since `refused` was the token. Returns whether there is one now. */
function renew(refused: string | undefined): Promise<boolean> {
  renewing ??= alone(async () => {
    if (tokens && tokens.accessToken !== refused) return true;
    const response = await post('/session/refresh', {});
    if (response.ok) {
      const next = await read(response);
      adopt(next);
      tabs?.postMessage({ tokens: next });
      return true;
    }
    if (response.status !== 401) throw new Error(`the session was not renewed: ${response.status}`);
    const user = owner();
    tokens = undefined;
    clearTimeout(timer);
    session.set(user ? { state: 'paused', user } : { state: 'out' });
    return false;
  })
    .catch((): boolean => {
      // No answer says nothing about the session.
      clearTimeout(timer);
      if (tokens) timer = setTimeout(() => void renew(tokens?.accessToken), AGAIN);
      else if (!owner()) session.set({ state: 'unreachable' });
      return false;
    })
    .finally(() => (renewing = undefined));
  return renewing;
}

/** Restores the session of the cookie. */
export async function startSession(): Promise<void> {
  session.set({ state: 'restoring' });
  await renew(undefined);
}

/** Signs in. Returns why not, or nothing. */
export const signIn = (email: string, password: string, keep: boolean): Promise<Refusal | undefined> =>
  open('/session', { email, password, keep });

/** What somebody comes back with from an identity provider, and what this page has kept. */
export interface Callback {
  state: string;
  code: string;
  iss: string | null;
  binding: string;
}

/** Completes a sign-in with an identity provider. Returns why not, or nothing. */
export const signInWith = (callback: Callback): Promise<Refusal | undefined> => open('/session/with', callback);

async function open(path: string, body: object): Promise<Refusal | undefined> {
  let response: Response;
  try {
    response = await post(path, body);
  } catch {
    return { code: 'OFFLINE', seconds: null };
  }
  if (response.ok) {
    const next = await read(response);
    adopt(next);
    tabs?.postMessage({ tokens: next });
    return undefined;
  }
  const answer = await response.json().catch(() => null);
  const seconds = Number(response.headers.get('retry-after'));
  return { code: answer?.errors?.[0]?.extensions?.code ?? 'INTERNAL', seconds: seconds || null };
}

export async function signOut(): Promise<void> {
  // The page is cleared whether or not the server hears of it.
  const told = post('/session/end', {}).catch(() => undefined);
  clear('signedOut');
  tabs?.postMessage({ out: true });
  const answer = await (await told)?.json().catch(() => undefined);
  const elsewhere: unknown = answer?.endSessionUrl;
  const isUrl = typeof elsewhere === 'string' && /^https?:/.test(elsewhere);
  if (isUrl && session.get().state === 'out') session.set({ state: 'out', why: 'signedOut', elsewhere });
}

/** The signed-in person was dismissed, or leaves the page that waits for them. */
export const leave = (): void => clear('ended');

/** Waits for a session of the person whose page this is; fails when it becomes another's or nobody's. */
function again(signal?: AbortSignal | null): Promise<Tokens> {
  const person = owner();
  return new Promise((resolve, reject) => {
    const settle = () => {
      const now = session.get();
      if (now.state === 'paused' && !signal?.aborted) return;
      stop();
      signal?.removeEventListener('abort', settle);
      if (tokens && tokens.user.id === person?.id && !signal?.aborted) resolve(tokens);
      else reject(new DOMException('the session has ended', 'AbortError'));
    };
    const stop = session.subscribe(settle);
    signal?.addEventListener('abort', settle);
    settle();
  });
}

/** The token to send. Waits while the session is renewed, or while the person signs in again. */
export async function accessToken(signal?: AbortSignal | null): Promise<string> {
  if (tokens && tokens.until < Date.now() + AGAIN) await renew(tokens.accessToken);
  return (tokens ?? (await again(signal))).accessToken;
}

/** The server did not accept a token: gets another one. */
export async function replaceToken(refused: string, signal?: AbortSignal | null): Promise<void> {
  await renew(refused);
  if (!tokens) await again(signal);
}

tabs?.addEventListener('message', ({ data }: MessageEvent<{ tokens?: Tokens; out?: boolean }>) => {
  if (data.out) {
    if (owner()) clear('signedOut');
  } else if (data.tokens) {
    adopt(data.tokens);
  }
});
// Timers stand still while a device sleeps.
addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && tokens && tokens.until - EARLY < Date.now()) {
    void renew(tokens.accessToken);
  }
});
