/** The time zones that the browser knows, and the one that is set. */
export function zones(current: string): string[] {
  const known = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  return known.includes(current) ? [...new Set(known)] : [current, ...known];
}
