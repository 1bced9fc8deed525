import type { Enum, UserStatus } from '../graphql';
import { useTexts } from '../texts';
import type { Tone } from './Alert';

/** A state, by its word and by a colour. */
export function Tag({ tone = 'neutral', children }: { tone?: Tone; children: string }) {
  return <span className={`tag ${tone}`}>{children}</span>;
}

const STATUS: Record<UserStatus, Tone> = { ACTIVE: 'good', INVITED: 'warn', DISMISSED: 'bad' };
const HANDOVER: Record<Enum<'HandoverState'>, Tone> = {
  QUEUED: 'warn',
  RUNNING: 'warn',
  SUCCEEDED: 'good',
  PARTIAL: 'bad',
  FAILED: 'bad',
  CANCELLED: 'neutral',
};
const DISMISSAL: Record<Enum<'DismissalState'>, Tone> = {
  SCHEDULED: 'warn',
  IN_FORCE: 'bad',
  CANCELLED: 'neutral',
  ENDED: 'good',
};

export function StatusTag({ status }: { status: UserStatus }) {
  return <Tag tone={STATUS[status]}>{useTexts().enums.userStatus[status]}</Tag>;
}

export function HandoverTag({ state }: { state: Enum<'HandoverState'> }) {
  return <Tag tone={HANDOVER[state]}>{useTexts().enums.handoverState[state]}</Tag>;
}

export function DismissalTag({ state }: { state: Enum<'DismissalState'> }) {
  return <Tag tone={DISMISSAL[state]}>{useTexts().enums.dismissalState[state]}</Tag>;
}
