import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../kit/Button';
import { Icon, type IconName } from '../kit/Icon';
import type { Texts } from '../texts';
import { useTexts } from '../texts';
import { type Viewer, useViewer } from '../viewer';
import { Running } from './Running';
import { UserMenu } from './UserMenu';

export interface Destination {
  href: string;
  /** Also shown as the current one for addresses that begin so. */
  covers: readonly string[];
  name: keyof Texts['shell']['nav'];
  icon: IconName;
}

/** The pages of the navigation that the viewer may open. */
export function destinations({ may }: Viewer): Destination[] {
  const page = (
    when: boolean,
    name: Destination['name'],
    href: string,
    icon: IconName,
    covers: readonly string[] = [href],
  ): Destination[] => (when ? [{ href, covers, name, icon }] : []);
  return [
    ...page(may('REASSIGN_WORK'), 'overview', '/', 'overview', []),
    ...page(true, 'people', '/people', 'people', ['/people', '/departments', '/dismissals']),
    ...page(may('REASSIGN_WORK'), 'handovers', '/handovers', 'handovers'),
    ...page(true, 'tasks', '/work/tasks', 'tasks', ['/work/tasks', '/work/recurring']),
    ...page(true, 'crm', '/work/crm', 'crm', ['/work/crm', '/work/activities']),
    ...page(true, 'files', '/files', 'files'),
    ...page(true, 'calendars', '/calendars', 'calendar'),
    ...page(may('READ_AUDIT_LOG'), 'audit', '/audit', 'audit'),
    ...page(may('MANAGE_SETTINGS') || may('MANAGE_INTEGRATIONS'), 'settings', '/settings', 'settings', [
      '/settings',
      '/directories',
    ]),
  ];
}

export function Navigation() {
  const { shell } = useTexts();
  const viewer = useViewer();
  const [path] = useLocation();
  // On a narrow screen the links are behind a button.
  const [openAt, setOpenAt] = useState<string>();
  const open = openAt === path;
  const current = ({ href, covers }: Destination) =>
    path === href || covers.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  return (
    <header className="side" data-open={open || undefined}>
      <Link href="/" className="brand">
        <Icon name="handovers" />
        <span>
          {shell.product}
          {viewer.company.companyName && <small>{viewer.company.companyName}</small>}
        </span>
      </Link>
      <div className="menu-button">
        <Button
          look="quiet"
          aria-expanded={open}
          aria-controls="navigation"
          onPress={() => setOpenAt(open ? undefined : path)}
        >
          <Icon name={open ? 'close' : 'menu'} />
          {shell.menu}
        </Button>
      </div>
      <nav id="navigation" aria-label={shell.navigation}>
        <ul>
          {destinations(viewer).map((destination) => (
            <li key={destination.href}>
              <Link href={destination.href} aria-current={current(destination) ? 'page' : undefined}>
                <Icon name={destination.icon} />
                {shell.nav[destination.name]}
              </Link>
              {destination.name === 'handovers' && <Running />}
            </li>
          ))}
        </ul>
      </nav>
      <UserMenu />
    </header>
  );
}
