import type { Say } from '../say';

/** My account, invitations and new passwords. */
export const account = (_say: Say) => ({
  title: 'My account',
  tabs: 'My account',
  myWork: 'My work',
  profile: 'My profile',
  security: 'Sessions and password',

  changePassword: 'Change the password',
  changePasswordText: 'Your other sessions end with that.',
  currentPassword: 'Current password',
  password: 'New password',
  passwordHint: 'At least ten characters.',
  showPassword: 'Show the password',
  passwordChanged: 'The password has been changed. Your other sessions have ended.',

  invitation: 'Accept the invitation',
  invitationText: 'Choose a password. You will be signed in with it.',
  acceptInvitation: 'Accept and sign in',
  newPassword: 'Set a new password',
  newPasswordText: 'Choose a new password. You will be signed in with it.',
  setPassword: 'Set and sign in',
  noToken: 'This link is not complete.',
  askForLink: 'Ask the one who sent it for a new one.',
  passwordSet: 'The password is set. Sign in with it.',
  toSignIn: 'To the sign-in',
});
