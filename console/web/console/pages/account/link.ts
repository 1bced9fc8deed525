// Links with a token. It is behind `#`, which browsers never send: so it is in no log.

const link = (path: string, token: string): string => `${location.origin}${path}#${encodeURIComponent(token)}`;

export const invitationLink = (token: string): string => link('/invitation', token);
export const passwordLink = (token: string): string => link('/new-password', token);

/** The token of the address; empty without one. */
export function tokenOfAddress(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}
