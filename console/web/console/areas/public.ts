// For people without a session.

export { default as Invitation } from '../pages/Invitation';
export { default as NewPassword } from '../pages/NewPassword';
