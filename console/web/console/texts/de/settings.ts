import type { Texts } from '../en';
import type { Say } from '../say';

export const settings = (_say: Say): Texts['settings'] => ({
  title: 'Einstellungen',
  company: 'Firma',
  crmRoles: 'CRM-Rollen',
  crmRole: 'CRM-Rolle',
  integrations: 'Integrationen',
  webhooks: 'Webhooks',
});
