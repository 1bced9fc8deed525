// For people without a session.

export { default as Invitation } from '../pages/Invitation';
export { default as NewPassword } from '../pages/NewPassword';
export { default as SignInCallback } from '../pages/SignInCallback';
export { default as SignInWith } from '../pages/SignInWith';
