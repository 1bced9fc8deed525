import type { Say } from '../say';

export const handovers = (_say: Say) => ({
  title: 'Handovers',
  handover: 'Handover',
});
