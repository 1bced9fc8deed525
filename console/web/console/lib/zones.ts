/** The time zones that the browser knows, and the one that is set. */
export function zones(current: string): string[] {
  const known = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  return known.includes(current) ? [...new Set(known)] : [current, ...known];
}

/** The server may know zones that this browser does not: to format a time in them would fail. */
export function isKnown(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
