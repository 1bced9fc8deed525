// The state of a list is in its address: Back, reload and a copied link keep it.

import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';

/** Reads and writes one parameter. Null stands for its absence. */
export interface Param<T> {
  read(text: string | null): T;
  write(value: T): string | null;
}

export const text: Param<string> = { read: (value) => value ?? '', write: (value) => value || null };

export const flag: Param<boolean> = { read: (value) => value === '1', write: (value) => (value ? '1' : null) };

/** One of some words; the first is the default, and not written. */
export const oneOf = <const T extends string>(...words: [T, ...T[]]): Param<T> => ({
  read: (value) => words.find((word) => word === value) ?? words[0],
  write: (value) => (value === words[0] ? null : value),
});

/** Some of some words, or none. */
export const someOf = <const T extends string>(words: readonly T[]): Param<T[]> => ({
  read: (value) => words.filter((word) => value?.split(',').includes(word)),
  write: (value) => value.join(',') || null,
});

type Values<Spec> = { [Name in keyof Spec]: Spec[Name] extends Param<infer T> ? T : never };

export interface UrlState<Spec> {
  values: Values<Spec>;
  /** Writes some of them. A step that Back undoes, unless `replace` is set: for what is being typed. */
  set(changes: Partial<Values<Spec>>, options?: { replace?: boolean }): void;
  clear(): void;
  /** Whether any of them differs from its default. */
  changed: boolean;
}

/** `spec` has to be a constant of the module. */
export function useUrlState<Spec extends Record<string, Param<never> | Param<any>>>(spec: Spec): UrlState<Spec> {
  const search = useSearch();
  const [path, go] = useLocation();
  const values = useMemo(() => {
    const params = new URLSearchParams(search);
    return Object.fromEntries(
      Object.entries(spec).map(([name, param]) => [name, param.read(params.get(name))]),
    ) as Values<Spec>;
  }, [search, spec]);
  const set = useCallback(
    (changes: Partial<Values<Spec>>, { replace = false } = {}) => {
      // The address as it is now: several changes may come before the page is drawn again.
      const params = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(changes)) {
        const written = spec[name]?.write(value as never);
        if (written === null || written === undefined) params.delete(name);
        else params.set(name, written);
      }
      go(params.size ? `${path}?${params}` : path, { replace });
    },
    [go, path, spec],
  );
  const clear = useCallback(() => go(path), [go, path]);
  const changed = Object.entries(spec).some(
    ([name, param]) => (param as Param<unknown>).write(values[name as keyof Spec]) !== null,
  );
  return { values, set, clear, changed };
}
