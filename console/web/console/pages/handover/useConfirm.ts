// The one mutation of a flow. An answer that is lost says nothing about what has happened: that is looked up.

import { useRef, useState } from 'react';
import { type AnyVariables, type CombinedError, type TypedDocumentNode, useClient } from 'urql';
import type { UserError } from '../../lib/errors';

export interface Refused {
  refusals: UserError[];
  error?: CombinedError;
  /** Nothing has arrived. */
  lost: boolean;
}

const NOTHING: Refused = { refusals: [], lost: false };

interface Confirming<T, V> {
  /** Returns the result, `lost` if it has happened without an answer, or nothing. */
  confirm(variables: V): Promise<T | 'happened' | undefined>;
  pending: boolean;
  /** The answer was lost: it is being looked up. */
  checking: boolean;
  refused: Refused;
  reset(): void;
}

/** `happened` reads whether it was done, after an answer was lost. */
export function useConfirm<T, V extends AnyVariables>(
  mutation: TypedDocumentNode<T, V>,
  refusalsOf: (data: T) => UserError[],
  happened: () => Promise<boolean>,
): Confirming<T, V> {
  const client = useClient();
  const running = useRef(false);
  const [state, setState] = useState<'idle' | 'pending' | 'checking'>('idle');
  const [refused, setRefused] = useState<Refused>(NOTHING);

  const decide = async (variables: V): Promise<T | 'happened' | undefined> => {
    const { data, error } = await client.mutation(mutation, variables).toPromise();
    const refusals = data ? refusalsOf(data) : [];
    if (data && refusals.length === 0) return data;
    if (data || !error?.networkError || error.response) {
      setRefused({ refusals, lost: false, ...(error && { error }) });
      return undefined;
    }
    setState('checking');
    if (await happened()) return 'happened';
    setRefused({ refusals: [], lost: true });
    return undefined;
  };
  const confirm = async (variables: V) => {
    if (running.current) return undefined;
    running.current = true;
    setState('pending');
    setRefused(NOTHING);
    try {
      return await decide(variables);
    } finally {
      running.current = false;
      setState('idle');
    }
  };
  return {
    confirm,
    pending: state === 'pending',
    checking: state === 'checking',
    refused,
    reset: () => setRefused(NOTHING),
  };
}
