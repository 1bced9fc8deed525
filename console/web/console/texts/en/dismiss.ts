import type { Say } from '../say';

/** Dismissing one person or several, and handing over without dismissal. */
export const dismiss = (say: Say) => ({
  title: (name: string) => `Dismiss ${name}`,
  steps: 'Steps',
  when: 'Who and when',
  what: 'What goes to whom',
  confirm: 'Confirm',
  loadingTitle: 'Dismissal',
  nobody: 'This person does not exist, or you may not see them.',
  toPeople: 'Back to people',
  toProfile: 'To the profile',

  now: 'Now',
  nowHint: 'Locked out with the answer: sessions, tokens and open connections end.',
  onDate: 'On a date',
  onDateHint: 'Can be called off until then.',
  dateLabel: 'Locked out at',
  whenLabel: 'When',
  reason: 'Reason',
  reasonHint: 'Only those who may dismiss people see it.',
  textsLost: 'Your choices are still here. The reason and the name of the folder are not kept when a page is reloaded.',
  nextWhat: 'Next: what goes to whom',
  nextPlan: 'Next: look at the plan',
  nextConfirm: 'Next: confirm',
  workStays: (name: string) =>
    `You may not hand over work: everything that ${name} holds stays with them until somebody who may does it.`,

  nowAnswer: 'Now, with the answer',
  noReason: '–',
  whenFact: 'When',
  movesFact: 'Moves',
  nothingMoves: (name: string) => `Nothing: everything stays with ${name} until somebody gets it.`,
  afterwards: 'Afterwards',
  signedOut: (name: string, sessions: number) =>
    say.plural(sessions, {
      one: `${name} is signed out of # device.`,
      other: `${name} is signed out of # devices.`,
    }),
  takenBack: 'This can be taken back: hire back, and undo the handover.',
  passing: (name: string, others: string[]) =>
    `${name} has scheduled the dismissal of ${say.list(others)}: it becomes yours.`,
  secrets: (name: string) => `These secrets of integrations stop, because they were shown to ${name}:`,
  secretsLabel: 'Secrets that stop',
  secretKeep: 'Keeps working for seven days',
  secret: (integration: string | null, kind: string, hint: string) =>
    [integration, kind, hint && `…${hint}`].filter(Boolean).join(' · '),
  submit: (name: string) => `Dismiss ${name} now`,
  schedule: 'Schedule the dismissal',
  makeAdministrator: 'Make somebody an administrator',
  noLonger: 'You may no longer dismiss people. Nothing has changed.',

  notPossible: {
    CANNOT_DISMISS_YOURSELF: 'Somebody else who may dismiss people has to do that.',
    LAST_ADMINISTRATOR: 'There must always be at least one administrator who works here.',
    INVITATION_PENDING: 'There is nothing to dismiss yet: the invitation can be withdrawn instead.',
  },
  invitation: 'Withdraw the invitation…',

  scheduledTitle: (name: string) => `${name} will be dismissed`,
  scheduledFor: (date: string) => `Locked out on ${date}`,
  by: 'By',
  byIntegration: (name: string) => `the integration “${name}”`,
  byUnknown: 'unknown',
  ruleAgain: 'The rules are checked again at that time, and the work is handed over as it is then.',
  changeIt: 'Change',
  callOff: 'Call off',
  calledOff: (name: string) => `The dismissal of ${name} is called off.`,
  changing: (date: string) => `This replaces the dismissal that is scheduled for ${date}.`,
  failed: (date: string) => `The dismissal that was scheduled for ${date} did not take effect`,

  doneTitle: (name: string) => `${name} has been dismissed`,
  doneAt: 'Since',
  lockedOut: 'They are locked out.',
  workWith: (name: string) => `Their work is still with ${name}.`,
  failure: 'Something was not handed over',
  already: (name: string) =>
    `${name} had been dismissed already. What you had chosen was not carried out: nothing has changed.`,
  passed: (others: string[]) => `The scheduled dismissal of ${say.list(others)} is yours now.`,
  handOver: 'Hand over',
  hire: 'Hire back',
  nextOne: 'Dismiss the next one',
  report: 'Print the report',

  several: {
    title: (count: number) => say.plural(count, { one: 'Dismiss # person', other: 'Dismiss # people' }),
    none: 'Nobody is picked. Pick people in the list.',
    loading: 'The people are being read…',
    people: 'Who',
    holds: 'Holds',
    head: 'Head',
    state: 'State',
    noHead: 'None',
    refused: (refused: number, all: number) =>
      say.plural(refused, {
        one: `# of ${say.number(all)} can’t be dismissed`,
        other: `# of ${say.number(all)} can’t be dismissed`,
      }),
    takeOut: 'Take them out and go on',
    takeOutOne: (name: string) => `Take out ${name}`,
    takeOutShort: 'Take out',
    may: 'Can be dismissed',
    withoutHead: (names: string[]) => `Nobody leads above ${say.list(names)}: their work would be refused. Choose somebody else, or take them out.`,
    planning: (done: number, all: number) => `The plan is being made: ${say.number(done)} of ${say.number(all)}`,
    noPlan: (most: number) =>
      `For more than ${say.number(most)} people no plan is made before. What they hold at that moment goes to whom you have chosen.`,
    allOrNone: 'All of them, or none: if one is refused, nothing happens.',
    newest: 'What changes until then moves with the rest.',
    submit: (count: number) => say.plural(count, { one: 'Dismiss # person now', other: 'Dismiss # people now' }),
    scheduled: (count: number, date: string) =>
      say.plural(count, { one: `# person will be dismissed on ${date}`, other: `# people will be dismissed on ${date}` }),
    done: (count: number) =>
      say.plural(count, { one: '# person has been dismissed', other: '# people have been dismissed' }),
    handover: 'Handover',
    result: 'Moved',
    moved: (moved: number, total: number) => `${say.number(moved)} of ${say.number(total)}`,
    noHandover: 'Nothing was handed over',
    toDismissals: 'All dismissals',
    many: (count: number) => say.plural(count, { one: '# person', other: '# people' }),
    problemOf: (name: string, problem: string) => `${name}: ${problem}`,
    everybody: 'Who goes',
  },

  handing: {
    title: (name: string) => `Hand over the work of ${name}`,
    submit: 'Hand over',
    started: (name: string) => `The work of ${name} is being handed over`,
    pick: 'At least one kind of work has to go to somebody.',
    keepsAccount: (name: string) => `${name} keeps their account and works on.`,
    again: 'Hand over more',
  },
});
