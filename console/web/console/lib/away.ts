// Signing in with an identity provider: what is kept while the person is away, there. Whoever comes back without it has
// been sent by somebody else.

import { makeAnonymousClient } from '../client';
import { graphql } from '../graphql';
import { texts } from '../texts';
import { failureText, refusalText } from './errors';

const Start = graphql(`
  mutation StartSignInWith($input: StartSignInWithInput!) {
    startSignInWith(input: $input) {
      url
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export interface Away {
  /** A random text, of which the server knows the hash. */
  binding: string;
  /** To sign in, or to link the account to oneself. */
  purpose: 'signIn' | 'link';
  /** Where the person wanted to go. */
  goal: string;
}

const KEY = 'handover.away';

/** Where providers send people back to. */
export const callbackUri = (): string => `${location.origin}/sign-in/callback`;
/** Where a sign-in with a provider can be begun by a link. */
export const initiateUri = (providerId: string): string => `${location.origin}/sign-in/with?provider=${providerId}`;

const base64url = (bytes: ArrayBuffer | Uint8Array): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** Goes to a provider. Returns why not, in words. */
export async function goTo(providerId: string, purpose: Away['purpose'], goal: string): Promise<string | undefined> {
  const words = texts();
  const binding = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(binding));
  const input = { providerId, bindingHash: base64url(hash), redirectUri: callbackUri() };
  const { data, error } = await makeAnonymousClient().mutation(Start, { input }).toPromise();
  const url = data?.startSignInWith.url;
  if (!url || !/^https?:/.test(url)) {
    if (error) return failureText(error, words);
    const refusal = data?.startSignInWith.userErrors[0];
    if (!refusal) return words.errors.unknown;
    return refusal.code === 'SIGN_IN_FAILED' ? words.signIn.unreachable : refusalText(refusal, words);
  }
  sessionStorage.setItem(KEY, JSON.stringify({ binding, purpose, goal } satisfies Away));
  location.assign(url);
  return undefined;
}

/** Returns what was kept, once. */
export function comeBack(): Away | undefined {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return kept ? (JSON.parse(kept) as Away) : undefined;
}
