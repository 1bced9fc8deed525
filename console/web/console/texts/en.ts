// Every word of the console, in English. The shape of this object is what the other languages have to fill.

import type { Say } from './say';
import { account } from './en/account';
import { audit } from './en/audit';
import { calendars } from './en/calendars';
import { common } from './en/common';
import { crm } from './en/crm';
import { departments } from './en/departments';
import { directories } from './en/directories';
import { dismissal } from './en/dismissal';
import { dismiss } from './en/dismiss';
import { dismissals } from './en/dismissals';
import { enums } from './en/enums';
import { errors } from './en/errors';
import { files } from './en/files';
import { handovers } from './en/handovers';
import { hiring } from './en/hiring';
import { moving } from './en/moving';
import { overview } from './en/overview';
import { people } from './en/people';
import { person } from './en/person';
import { settings } from './en/settings';
import { shell } from './en/shell';
import { signIn } from './en/signIn';
import { tasks } from './en/tasks';
import { webhooks } from './en/webhooks';

export const english = (say: Say) => ({
  account: account(say),
  audit: audit(say),
  calendars: calendars(say),
  common: common(say),
  crm: crm(say),
  departments: departments(say),
  directories: directories(say),
  dismissal: dismissal(say),
  dismiss: dismiss(say),
  dismissals: dismissals(say),
  enums,
  errors: errors(say),
  files: files(say),
  handovers: handovers(say),
  hiring: hiring(say),
  moving: moving(say),
  overview: overview(say),
  people: people(say),
  person: person(say),
  settings: settings(say),
  shell: shell(say),
  signIn: signIn(say),
  tasks: tasks(say),
  webhooks: webhooks(say),
});

export type Texts = ReturnType<typeof english>;
