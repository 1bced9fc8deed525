import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaProps } from 'react-aria-components/Button';
import { Link } from 'wouter';

export type Look = 'plain' | 'primary' | 'danger' | 'quiet' | 'link' | 'icon';

const classes = (look: Look, wide?: boolean) => `button ${look}${wide ? ' wide' : ''}`;

interface ButtonProps extends Pick<AriaProps, 'aria-label' | 'aria-expanded' | 'aria-controls' | 'autoFocus' | 'slot'> {
  children?: ReactNode;
  look?: Look;
  /** As wide as the place it is in. */
  wide?: boolean;
  /** While what it does is under way: it stays focused, and can't be pressed. */
  pending?: boolean;
  disabled?: boolean;
  submit?: boolean;
  onPress?(): void;
}

export function Button({ look = 'plain', wide, pending, disabled, submit, onPress, ...rest }: ButtonProps) {
  return (
    <AriaButton
      {...rest}
      type={submit ? 'submit' : 'button'}
      className={classes(look, wide)}
      isPending={pending ?? false}
      isDisabled={disabled ?? false}
      onPress={() => onPress?.()}
    />
  );
}

interface LinkButtonProps {
  href: string;
  children: ReactNode;
  look?: Look;
  wide?: boolean;
}

/** A link that looks like a button: for what leads to another page. */
export function LinkButton({ href, look = 'plain', wide, children }: LinkButtonProps) {
  return (
    <Link href={href} className={classes(look, wide)}>
      {children}
    </Link>
  );
}
