// The account of the one who is signed in.

export { default as Me } from '../pages/Me';
export { default as Security } from '../pages/Security';
