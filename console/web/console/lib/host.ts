/** The host of a URL: what a webhook is called, as paths may hold secrets. */
export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
