import type { Say } from '../say';

/** Hiring somebody back. */
export const hiring = (say: Say) => ({
  title: 'Hire back',
  hireName: (name: string) => `Hire ${name} back`,
  isBack: (name: string) => `${name} works here again`,
  hire: 'Hire back',
  dismissal: 'The dismissal',
  since: 'Since',
  by: 'By',
  reason: 'Reason',
  work: 'Their work',
  with: (total: number) =>
    total === 0
      ? 'With their work'
      : say.plural(total, { one: 'With their work: # item', other: 'With their work: # items' }),
  withHint: 'What was handed over comes back from those who have it now.',
  nothingBack: 'Nothing would come back.',
  without: 'Without their work',
  withoutHint: 'Everything stays with those who have it now.',
  plan: 'What comes back',
  heldBy: 'With',
  comesBack: 'Comes back',
  movedOn: 'Stays',
  movedOnHint: (count: number) =>
    say.plural(count, {
      one: '# item stays: somebody has given it to somebody else since.',
      other: '# items stay: somebody has given them to somebody else since.',
    }),
  unreachable: 'Out of reach',
  unreachableHint: (count: number) =>
    say.plural(count, {
      one: '# item is out of reach: your CRM role does not let you change it.',
      other: '# items are out of reach: your CRM role does not let you change them.',
    }),
  signsIn: 'They get the same account, with the same password, department and role.',
  notPossible: (name: string) => `${name} can’t be hired back like this.`,
  toProfile: 'To the profile',
  toRunning: 'To the handover',
  maySignIn: 'They can sign in again, with the password they had.',
  invitedAgain: 'They had never accepted their invitation: they need a new link. Create one in the profile.',
  withoutWork: 'No work comes back.',
});
