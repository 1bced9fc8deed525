import type { Texts } from '../en';
import type { Say } from '../say';

export const dismissal = (_say: Say): Texts['dismissal'] => ({
  dismiss: 'Entlassen',
  dismissSeveral: 'Mehrere Personen entlassen',
  handOver: 'Arbeit übergeben',
  hire: 'Wieder einstellen',
  list: 'Entlassungen',
});
