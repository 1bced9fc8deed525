import type { Texts } from '../en';
import type { Say } from '../say';

export const hiring = (say: Say): Texts['hiring'] => ({
  title: 'Wieder einstellen',
  hireName: (name) => `${name} wieder einstellen`,
  isBack: (name) => `${name} arbeitet wieder hier`,
  hire: 'Wieder einstellen',
  dismissal: 'Die Entlassung',
  since: 'Seit',
  by: 'Durch',
  reason: 'Grund',
  work: 'Die Arbeit',
  with: (total) =>
    total === 0
      ? 'Mit der Arbeit'
      : say.plural(total, { one: 'Mit der Arbeit: # Element', other: 'Mit der Arbeit: # Elemente' }),
  withHint: 'Was übergeben wurde, kommt von denen zurück, die es jetzt haben.',
  nothingBack: 'Nichts käme zurück.',
  without: 'Ohne die Arbeit',
  withoutHint: 'Alles bleibt bei denen, die es jetzt haben.',
  plan: 'Was zurückkommt',
  heldBy: 'Bei',
  comesBack: 'Kommt zurück',
  movedOn: 'Bleibt',
  movedOnHint: (count) =>
    say.plural(count, {
      one: '# Element bleibt: jemand hat es seither weitergegeben.',
      other: '# Elemente bleiben: jemand hat sie seither weitergegeben.',
    }),
  unreachable: 'Unerreichbar',
  unreachableHint: (count) =>
    say.plural(count, {
      one: '# Element ist unerreichbar: Ihre CRM-Rolle lässt Sie es nicht ändern.',
      other: '# Elemente sind unerreichbar: Ihre CRM-Rolle lässt Sie sie nicht ändern.',
    }),
  signsIn: 'Die Person bekommt dasselbe Konto, mit demselben Passwort, derselben Abteilung und Rolle.',
  notPossible: (name) => `${name} kann so nicht wieder eingestellt werden.`,
  toProfile: 'Zum Profil',
  toRunning: 'Zur Übergabe',
  maySignIn: 'Die Person kann sich mit ihrem bisherigen Passwort wieder anmelden.',
  invitedAgain:
    'Die Person hatte ihre Einladung nie angenommen: sie braucht einen neuen Link. Legen Sie ihn im Profil an.',
  withoutWork: 'Es kommt keine Arbeit zurück.',
});
