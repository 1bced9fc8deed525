import type { UserErrorCode } from '../../graphql';
import type { Say } from '../say';

/** Refusals by rules; null: the message of the server says more. */
const refusals: Record<UserErrorCode, string | null> = {
  INVALID: null,
  TOO_MANY: null,
  CRM_ACCESS_REQUIRED: null,
  NOT_FOUND: 'This does not exist, or you may not see it.',
  CANNOT_DISMISS_YOURSELF: 'You can’t dismiss yourself.',
  CANNOT_HIRE_YOURSELF: 'You can’t hire yourself back.',
  LAST_ADMINISTRATOR: 'This is the last administrator. Make somebody else an administrator first.',
  NOT_DISMISSED: 'This person is not dismissed.',
  INVITATION_PENDING: 'This person has not accepted the invitation yet.',
  RECIPIENT_NOT_ACTIVE: 'Only people who work here can get work.',
  RECIPIENT_MISSING: 'Nobody was chosen, or nobody could be found.',
  PLAN_CHANGED: 'The work has changed since you looked.',
  CHANGED_MEANWHILE: 'Somebody else has changed this meanwhile.',
  HANDOVER_IN_PROGRESS: 'A handover of the same work is still under way.',
  NOT_UNDOABLE: 'This handover can’t be undone any more.',
  EMAIL_TAKEN: 'Another person has this e-mail address.',
  NAME_TAKEN: 'This name is already taken here.',
  DATE_IN_PAST: 'This moment has passed.',
  WRONG_CREDENTIALS: 'The e-mail address or the password is wrong.',
  PASSWORD_TOO_WEAK: 'This password is too easy to guess.',
  TOKEN_INVALID: 'This link has been used or has expired.',
  ADDRESS_NOT_ALLOWED:
    'Requests may not be sent to this address. Only public addresses with https are allowed, unless the server is configured otherwise.',
  SIGN_IN_FAILED: 'The sign-in did not work. Try again, or ask an administrator.',
  BREAK_GLASS_NEEDED: null,
  MANAGED_BY_DIRECTORY: 'The company’s directory decides this. Change it there.',
};

/** Failures of a whole request. */
export const errors = (say: Say) => ({
  refusals,
  title: 'That did not work',
  refused: 'That was refused. Nothing has changed.',
  offline: 'There is no connection to the server.',
  unavailable: 'The server can’t be reached at the moment.',
  forbidden: 'You may not do or see this.',
  notFound: 'This does not exist, or you may not see it.',
  conflict: 'Others are changing the same things. Try again.',
  tooComplex: 'This asks for too much at once.',
  internal: 'The server has met an error.',
  unknown: 'Something unexpected has happened.',
  rateLimited: (seconds: number) => say.plural(seconds, {
    one: 'Too many requests. It goes on in # second.',
    other: 'Too many requests. It goes on in # seconds.',
  }),
  retryIn: (seconds: number) => say.plural(seconds, {
    one: 'Too many attempts. Try again in # second.',
    other: 'Too many attempts. Try again in # seconds.',
  }),
});
