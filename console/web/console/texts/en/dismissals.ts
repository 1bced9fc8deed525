import type { Say } from '../say';

/** The list of dismissals. */
export const dismissals = (say: Say) => ({
  title: 'Dismissals',
  which: 'Which dismissals',
  scheduled: 'Scheduled',
  inForce: 'In effect',
  failed: 'Failed',
  calledOff: 'Called off',
  mine: 'Requested by me',
  count: (count: number) => say.plural(count, { one: '# dismissal', other: '# dismissals' }),
  lockOut: 'Lock-out',
  reason: (reason: string) => `“${reason}”`,
  failure: (message: string) => `Failed: ${message}`,
  empty: {
    scheduled: 'No dismissal is scheduled.',
    force: 'Nobody is dismissed.',
    failed: 'No dismissal has failed.',
    'called-off': 'No dismissal was called off.',
    all: 'There are no dismissals yet.',
  },
});
