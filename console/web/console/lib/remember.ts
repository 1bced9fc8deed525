// What the browser remembers between visits: how the page looks, never who is signed in.

type Name = 'language' | 'theme' | 'shortcuts';

/** Storage may be switched off; the page works without. */
export function recall(name: Name): string | null {
  try {
    return localStorage.getItem(`handover.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: Name, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`handover.${name}`);
    else localStorage.setItem(`handover.${name}`, value);
  } catch {
    // Forgotten with the page.
  }
}
