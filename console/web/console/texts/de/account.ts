import type { Texts } from '../en';
import type { Say } from '../say';

export const account = (_say: Say): Texts['account'] => ({
  title: 'Mein Konto',
  tabs: 'Mein Konto',
  myWork: 'Meine Arbeit',
  profile: 'Mein Profil',
  security: 'Sitzungen und Passwort',

  changePassword: 'Passwort ändern',
  changePasswordText: 'Ihre anderen Sitzungen enden damit.',
  currentPassword: 'Jetziges Passwort',
  password: 'Neues Passwort',
  passwordHint: 'Mindestens zehn Zeichen.',
  showPassword: 'Passwort zeigen',
  passwordChanged: 'Das Passwort ist geändert. Ihre anderen Sitzungen sind beendet.',

  invitation: 'Einladung annehmen',
  invitationText: 'Wählen Sie ein Passwort. Sie werden damit angemeldet.',
  acceptInvitation: 'Annehmen und anmelden',
  newPassword: 'Neues Passwort setzen',
  newPasswordText: 'Wählen Sie ein neues Passwort. Sie werden damit angemeldet.',
  setPassword: 'Setzen und anmelden',
  noToken: 'Dieser Link ist nicht vollständig.',
  askForLink: 'Bitten Sie um einen neuen, wo Sie ihn herhaben.',
  passwordSet: 'Das Passwort ist gesetzt. Melden Sie sich damit an.',
  toSignIn: 'Zur Anmeldung',
});
