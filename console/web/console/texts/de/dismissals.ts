import type { Texts } from '../en';
import type { Say } from '../say';

export const dismissals = (say: Say): Texts['dismissals'] => ({
  title: 'Entlassungen',
  which: 'Welche Entlassungen',
  scheduled: 'Geplant',
  inForce: 'In Kraft',
  failed: 'Fehlgeschlagen',
  calledOff: 'Abgesagt',
  mine: 'Von mir veranlasst',
  count: (count) => say.plural(count, { one: '# Entlassung', other: '# Entlassungen' }),
  lockOut: 'Sperrung',
  reason: (reason) => `„${reason}“`,
  failure: (message) => `Fehlgeschlagen: ${message}`,
  empty: {
    scheduled: 'Keine Entlassung ist geplant.',
    force: 'Niemand ist entlassen.',
    failed: 'Keine Entlassung ist fehlgeschlagen.',
    'called-off': 'Keine Entlassung wurde abgesagt.',
    all: 'Es gibt noch keine Entlassungen.',
  },
});
