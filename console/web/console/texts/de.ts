// Every word of the console, in German.

import type { Say } from './say';
import type { Texts } from './en';
import { account } from './de/account';
import { audit } from './de/audit';
import { calendars } from './de/calendars';
import { common } from './de/common';
import { crm } from './de/crm';
import { departments } from './de/departments';
import { directories } from './de/directories';
import { dismissal } from './de/dismissal';
import { dismiss } from './de/dismiss';
import { dismissals } from './de/dismissals';
import { enums } from './de/enums';
import { errors } from './de/errors';
import { files } from './de/files';
import { handovers } from './de/handovers';
import { hiring } from './de/hiring';
import { moving } from './de/moving';
import { overview } from './de/overview';
import { people } from './de/people';
import { person } from './de/person';
import { settings } from './de/settings';
import { shell } from './de/shell';
import { signIn } from './de/signIn';
import { tasks } from './de/tasks';
import { webhooks } from './de/webhooks';

export const german = (say: Say): Texts => ({
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

