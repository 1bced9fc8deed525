import type { UserStatus } from '../../graphql';
import { Menu, type MenuAction } from '../../kit/Menu';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';

interface PersonMenuProps {
  person: { id: string; name: string; status: UserStatus };
}

/** What can be done with a person; only what the viewer may do. */
export function PersonMenu({ person: { id, name, status } }: PersonMenuProps) {
  const texts = useTexts();
  const words = texts.people;
  const { user, may } = useViewer();
  const item = (when: boolean, action: MenuAction): MenuAction[] => (when ? [action] : []);
  const items = [
    ...item(true, { id: 'open', label: words.open, href: `/people/${id}` }),
    ...item(may('REASSIGN_WORK') && status !== 'INVITED', {
      id: 'hand-over',
      label: words.handOver,
      href: `/people/${id}/hand-over`,
    }),
    ...item(may('HIRE_USERS') && status === 'DISMISSED', {
      id: 'hire',
      label: words.hire,
      href: `/people/${id}/hire`,
    }),
    ...item(may('DISMISS_USERS') && status === 'ACTIVE' && id !== user.id, {
      id: 'dismiss',
      label: words.dismiss,
      href: `/people/${id}/dismiss`,
      danger: true,
    }),
  ];
  return <Menu label={texts.common.actionsFor(name)} items={items} />;
}
