import type { Say } from '../say';

export const settings = (_say: Say) => ({
  title: 'Settings',
  company: 'Company',
  crmRoles: 'CRM roles',
  crmRole: 'CRM role',
  integrations: 'Integrations',
  webhooks: 'Webhooks',
});
