// Settings of the company.

export { default as Company } from '../pages/Company';
export { default as CrmRole } from '../pages/CrmRole';
export { default as CrmRoles } from '../pages/CrmRoles';
export { default as Directories } from '../pages/Directories';
export { default as Directory } from '../pages/Directory';
export { default as Integrations } from '../pages/Integrations';
export { default as Settings } from '../pages/Settings';
export { default as SignInSettings } from '../pages/SignInSettings';
export { default as Webhook } from '../pages/Webhook';
export { default as Webhooks } from '../pages/Webhooks';
