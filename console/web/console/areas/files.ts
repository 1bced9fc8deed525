// The drive.

export { default as Files } from '../pages/Files';
export { default as SharedFiles } from '../pages/SharedFiles';
