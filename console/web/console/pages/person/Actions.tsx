import { useState } from 'react';
import { Problems } from '../../kit/Alert';
import { Button, LinkButton } from '../../kit/Button';
import { Menu, type MenuAction } from '../../kit/Menu';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import type { PersonData } from './document';
import { EditPerson } from './Edit';
import { useLinks } from './Links';

interface ActionsProps {
  person: PersonData;
  onChange(): void;
}

/** What can be done with a person: what is done most as buttons, everything in the menu. */
export function PersonActions({ person, onChange }: ActionsProps) {
  const texts = useTexts();
  const words = texts.person;
  const { user, may } = useViewer();
  const [editing, setEditing] = useState(false);
  const links = useLinks(person, onChange);
  const { id, name, status, viewerCan } = person;
  const base = `/people/${id}`;
  const can = {
    handOver: viewerCan.handOver === null && status !== 'INVITED',
    update: viewerCan.update === null,
    dismiss: viewerCan.dismiss === null && status === 'ACTIVE',
    hire: viewerCan.hire === null && status === 'DISMISSED',
    invite: viewerCan.update === null && status === 'INVITED',
    password: may('MANAGE_USERS') && status === 'ACTIVE' && id !== user.id,
  };
  const item = (when: boolean, action: MenuAction): MenuAction[] => (when ? [action] : []);
  const items = [
    ...item(can.update, { id: 'edit', label: words.edit, onAction: () => setEditing(true) }),
    ...item(can.handOver, { id: 'hand-over', label: words.handOver, href: `${base}/hand-over` }),
    ...item(can.password, { id: 'password', label: words.issuePassword, onAction: links.askPassword }),
    ...item(can.invite, { id: 'renew', label: words.renewInvitation, onAction: links.renew }),
    ...item(can.invite, {
      id: 'withdraw',
      label: words.withdrawInvitation,
      onAction: links.askWithdraw,
      danger: true,
    }),
    ...item(can.hire, { id: 'hire', label: words.hire, href: `${base}/hire` }),
    ...item(can.dismiss, { id: 'dismiss', label: words.dismiss, href: `${base}/dismiss`, danger: true }),
  ];
  const last = may('DISMISS_USERS') && viewerCan.dismiss?.code === 'LAST_ADMINISTRATOR';
  return (
    <>
      {can.handOver && <LinkButton href={`${base}/hand-over`}>{words.handOver}</LinkButton>}
      {can.update && <Button onPress={() => setEditing(true)}>{words.edit}</Button>}
      {can.hire && (
        <LinkButton href={`${base}/hire`} look="primary">
          {words.hire}
        </LinkButton>
      )}
      {can.dismiss && (
        <LinkButton href={`${base}/dismiss`} look="danger">
          {words.dismiss}
        </LinkButton>
      )}
      {items.length > 0 && <Menu label={texts.common.actionsFor(name)} items={items} />}
      {last && <p className="note wide">{words.lastAdministrator}</p>}
      <Problems of={links.problems} />
      {links.dialogs}
      <EditPerson person={person} isOpen={editing} onClose={() => setEditing(false)} />
    </>
  );
}
