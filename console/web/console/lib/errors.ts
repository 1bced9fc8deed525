// Failures and refusals in words.

import type { CombinedError } from 'urql';
import type { UserErrorCode } from '../graphql';
import type { Texts } from '../texts';

/** A rule that refused a mutation. */
export interface UserError {
  code: UserErrorCode;
  message: string;
  field?: string[] | null;
}

/** The words of a refusal; the server's own where they say more. */
export const refusalText = (error: Pick<UserError, 'code' | 'message'>, { errors }: Texts): string =>
  errors.refusals[error.code] ?? error.message;

export const codeOf = (error: CombinedError): string | undefined => {
  const code = error.graphQLErrors[0]?.extensions?.['code'];
  return typeof code === 'string' ? code : undefined;
};

/** The words of a failed request. */
export function failureText(error: CombinedError, { errors }: Texts): string {
  switch (codeOf(error)) {
    case 'FORBIDDEN':
      return errors.forbidden;
    case 'NOT_FOUND':
      return errors.notFound;
    case 'CONFLICT':
      return errors.conflict;
    case 'UNAVAILABLE':
      return errors.unavailable;
    case 'RATE_LIMITED':
      return errors.retryIn(Number(error.graphQLErrors[0]?.extensions?.['retryAfter'] ?? 1));
    case 'QUERY_TOO_COMPLEX':
      return errors.tooComplex;
    case 'BAD_USER_INPUT':
      return error.graphQLErrors[0]?.message ?? errors.unknown;
    case 'INTERNAL':
      return errors.internal;
    default:
      break;
  }
  if (!error.networkError) return errors.unknown;
  return error.response ? errors.unavailable : errors.offline;
}
