import type { Texts } from '../en';
import type { Say } from '../say';

export const errors = (say: Say): Texts['errors'] => ({
  refusals: {
    INVALID: null,
    TOO_MANY: null,
    CRM_ACCESS_REQUIRED: null,
    NOT_FOUND: 'Das gibt es nicht, oder Sie dürfen es nicht sehen.',
    CANNOT_DISMISS_YOURSELF: 'Sie können sich nicht selbst entlassen.',
    CANNOT_HIRE_YOURSELF: 'Sie können sich nicht selbst wieder einstellen.',
    LAST_ADMINISTRATOR: 'Das ist die letzte Person der Administration. Nehmen Sie erst jemand anderen auf.',
    NOT_DISMISSED: 'Diese Person ist nicht entlassen.',
    INVITATION_PENDING: 'Diese Person hat die Einladung noch nicht angenommen.',
    RECIPIENT_NOT_ACTIVE: 'Nur wer hier arbeitet, kann Arbeit bekommen.',
    RECIPIENT_MISSING: 'Niemand wurde ausgewählt oder gefunden.',
    PLAN_CHANGED: 'Die Arbeit hat sich geändert, seit Sie nachgesehen haben.',
    CHANGED_MEANWHILE: 'Jemand anderes hat das inzwischen geändert.',
    HANDOVER_IN_PROGRESS: 'Eine Übergabe derselben Arbeit läuft noch.',
    NOT_UNDOABLE: 'Diese Übergabe lässt sich nicht mehr zurücknehmen.',
    EMAIL_TAKEN: 'Eine andere Person hat diese E-Mail-Adresse.',
    NAME_TAKEN: 'Dieser Name ist hier schon vergeben.',
    DATE_IN_PAST: 'Dieser Zeitpunkt ist vorbei.',
    WRONG_CREDENTIALS: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
    PASSWORD_TOO_WEAK: 'Dieses Passwort ist zu leicht zu erraten.',
    TOKEN_INVALID: 'Dieser Link wurde schon benutzt oder ist abgelaufen.',
    ADDRESS_NOT_ALLOWED:
    'An diese Adresse dürfen keine Anfragen gehen. Erlaubt sind nur öffentliche Adressen mit https, wenn der Server nicht anders eingestellt ist.',
  SIGN_IN_FAILED: 'Die Anmeldung hat nicht geklappt. Versuchen Sie es noch einmal, oder fragen Sie die Administration.',
  BREAK_GLASS_NEEDED: null,
  MANAGED_BY_DIRECTORY: 'Das entscheidet das Verzeichnis der Firma. Ändern Sie es dort.',
  },
  title: 'Das hat nicht geklappt',
  refused: 'Das wurde abgelehnt. Nichts hat sich geändert.',
  offline: 'Es gibt keine Verbindung zum Server.',
  unavailable: 'Der Server ist gerade nicht erreichbar.',
  forbidden: 'Das dürfen Sie nicht tun oder sehen.',
  notFound: 'Das gibt es nicht, oder Sie dürfen es nicht sehen.',
  conflict: 'Andere ändern gerade dasselbe. Versuchen Sie es noch einmal.',
  tooComplex: 'Das ist zu viel auf einmal.',
  internal: 'Im Server ist ein Fehler aufgetreten.',
  unknown: 'Etwas Unerwartetes ist passiert.',
  rateLimited: (seconds) =>
    say.plural(seconds, {
      one: 'Zu viele Anfragen. In # Sekunde geht es weiter.',
      other: 'Zu viele Anfragen. In # Sekunden geht es weiter.',
    }),
  retryIn: (seconds) =>
    say.plural(seconds, {
      one: 'Zu viele Versuche. Versuchen Sie es in # Sekunde noch einmal.',
      other: 'Zu viele Versuche. Versuchen Sie es in # Sekunden noch einmal.',
    }),
});
