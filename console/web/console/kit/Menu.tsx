import type { ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { useLocation } from 'wouter';
import { Button, type Look } from './Button';
import { Icon } from './Icon';

export interface MenuAction {
  id: string;
  label: string;
  /** Where it leads, or what it does. */
  href?: string;
  onAction?(): void;
  danger?: boolean;
}

interface MenuProps {
  label: string;
  items: readonly MenuAction[];
  /** What the button shows; three dots without. */
  children?: ReactNode;
  look?: Look;
}

/** A button that opens a list of actions. */
export function Menu({ label, items, children, look = 'icon' }: MenuProps) {
  const [, go] = useLocation();
  return (
    <MenuTrigger>
      <Button look={look} aria-label={label}>
        {children ?? <Icon name="more" />}
      </Button>
      <Popover className="popover" placement="bottom end">
        <AriaMenu
          className="menu"
          onAction={(key) => {
            const item = items.find(({ id }) => id === key);
            if (item?.href) go(item.href);
            else item?.onAction?.();
          }}
        >
          {items.map(({ id, label, danger }) => (
            <MenuItem key={id} id={id} textValue={label} className={danger ? 'item bad' : 'item'}>
              {label}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
