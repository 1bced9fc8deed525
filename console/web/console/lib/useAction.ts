// Writing: a mutation with its refusals, by field.

import { useCallback, useRef, useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useMutation } from 'urql';
import { useTexts } from '../texts';
import { type UserError, failureText, refusalText } from './errors';

interface Payload {
  userErrors: UserError[];
}

/** What a mutation answers: the one field of its result. */
type PayloadOf<T> = Extract<NonNullable<T[keyof T]>, Payload>;

export interface Action<T, V> {
  /** Returns the payload, or nothing if it was refused or failed. */
  run(variables: V): Promise<PayloadOf<T> | undefined>;
  pending: boolean;
  /** Refusals that belong to no field of the form, and failures. */
  problems: string[];
  /** All refusals as they came, to look for a code. */
  refusals: UserError[];
  /** The problem of a field, by its path in the input: `email`, `handover.3.to`. */
  problemOf(field: string): string | undefined;
  /** Forgets problems. */
  reset(): void;
}

/** `fields` are the paths that the form shows problems at; all others are in `problems`. */
export function useAction<T, V extends AnyVariables>(
  mutation: TypedDocumentNode<T, V>,
  fields: readonly string[] = [],
): Action<T, V> {
  const [{ fetching }, execute] = useMutation<T, V>(mutation);
  const texts = useTexts();
  const [refusals, setRefusals] = useState<UserError[]>([]);
  const [failure, setFailure] = useState<string>();
  // A second click before the first has changed anything on the page.
  const running = useRef(false);

  const reset = useCallback(() => {
    setRefusals([]);
    setFailure(undefined);
  }, []);

  const run = useCallback(
    async (variables: V) => {
      if (running.current) return undefined;
      running.current = true;
      reset();
      try {
        const { data, error } = await execute(variables);
        const payload = data ? (Object.values(data as object)[0] as PayloadOf<T> | null) : null;
        if (!payload) {
          setFailure(error ? failureText(error, texts) : texts.errors.unknown);
          return undefined;
        }
        setRefusals(payload.userErrors);
        return payload.userErrors.length === 0 ? payload : undefined;
      } finally {
        running.current = false;
      }
    },
    [execute, reset, texts],
  );

  const pathOf = (error: UserError) => (error.field ?? []).join('.');
  const belongs = (error: UserError, field: string) => {
    const path = pathOf(error);
    return path === field || path.startsWith(`${field}.`);
  };
  const rest = refusals.filter((error) => !fields.some((field) => belongs(error, field)));
  return {
    run,
    pending: fetching,
    refusals,
    problems: [...(failure ? [failure] : []), ...rest.map((error) => refusalText(error, texts))],
    problemOf: (field) => {
      const found = refusals.find((error) => belongs(error, field));
      return found && refusalText(found, texts);
    },
    reset,
  };
}
