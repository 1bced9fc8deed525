import type { Texts } from '../en';
import type { Say } from '../say';

export const handovers = (_say: Say): Texts['handovers'] => ({
  title: 'Übergaben',
  handover: 'Übergabe',
});
