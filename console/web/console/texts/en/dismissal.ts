import type { Say } from '../say';

/** Dismissing, handing over and hiring back. */
export const dismissal = (_say: Say) => ({
  dismiss: 'Dismiss',
  dismissSeveral: 'Dismiss several people',
  handOver: 'Hand over work',
  hire: 'Hire back',
  list: 'Dismissals',
});
