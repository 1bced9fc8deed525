// Numbers, dates and plurals in the language of the page. Texts get one of these, so that no text formats by itself.

/** The forms of a counted noun. `#` stands for the number. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

export interface Say {
  /** The language with its region, for `lang` and for Intl. */
  readonly locale: string;
  number(value: number): string;
  percent(share: number): string;
  plural(count: number, forms: Forms): string;
  list(items: string[]): string;
  /** A point in time as a day, a day with time, or a time. */
  date(time: string | Date, zone?: string): string;
  dateTime(time: string | Date): string;
  /** To the second. */
  exactly(time: string | Date): string;
  time(time: string | Date): string;
  /** A day with time, and the zone that it is in. */
  inZone(time: string, zone: string, dateStyle: 'full' | 'medium'): string;
  /** A day with its weekday. */
  longDate(time: string | Date): string;
  /** A calendar day without time (`2026-03-01`): it is the same day in every time zone. */
  day(day: string): string;
  /** "3 days ago", in the largest unit that fits. */
  ago(time: string | Date): string;
  bytes(size: number): string;
  money(amount: string, currency: string | null): string;
}

const SECOND = 1_000;
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400 * SECOND],
  ['month', 30 * 86_400 * SECOND],
  ['day', 86_400 * SECOND],
  ['hour', 3_600 * SECOND],
  ['minute', 60 * SECOND],
];
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function sayIn(locale: string): Say {
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: 'percent' });
  const rules = new Intl.PluralRules(locale);
  const lists = new Intl.ListFormat(locale, { type: 'conjunction' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, options);
    return (time: string | Date) => format.format(new Date(time));
  };
  const day = dates({ dateStyle: 'medium' });
  return {
    locale,
    number: (value) => numbers.format(value),
    percent: (share) => percents.format(share),
    plural: (count, forms) => (forms[rules.select(count)] ?? forms.other).replaceAll('#', numbers.format(count)),
    list: (items) => lists.format(items),
    date: (time, timeZone) => (timeZone ? dates({ dateStyle: 'medium', timeZone }) : day)(time),
    dateTime: dates({ dateStyle: 'medium', timeStyle: 'short' }),
    exactly: dates({ dateStyle: 'medium', timeStyle: 'medium' }),
    time: dates({ timeStyle: 'short' }),
    inZone: (time, timeZone, dateStyle) => `${dates({ dateStyle, timeStyle: 'short', timeZone })(time)} (${timeZone})`,
    longDate: dates({ dateStyle: 'full' }),
    day: dates({ dateStyle: 'medium', timeZone: 'UTC' }),
    ago(time) {
      const past = new Date(time).getTime() - Date.now();
      const [unit, length] = UNITS.find(([, length]) => Math.abs(past) >= length) ?? ['second', SECOND];
      return relative.format(Math.trunc(past / length), unit);
    },
    bytes(size) {
      const power = size > 0 ? Math.min(Math.floor(Math.log(size) / Math.log(1_000)), SIZES.length - 1) : 0;
      const unitDisplay = power === 0 ? 'long' : 'short';
      const options = { style: 'unit', unit: SIZES[power], unitDisplay, maximumFractionDigits: 1 } as const;
      return new Intl.NumberFormat(locale, options).format(size / 1_000 ** power);
    },
    money(amount, currency) {
      // Amounts are decimals of any length: Intl takes them as text, without rounding.
      const exact = amount as Intl.StringNumericLiteral;
      if (!currency) return numbers.format(exact);
      return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(exact);
    },
  };
}
