import type { ReactNode } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { useTexts } from '../texts';
import { Button } from './Button';
import { Icon } from './Icon';

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose(): void;
  children: ReactNode;
  /** Buttons, the last one is what the dialog is for. */
  footer?: ReactNode;
  /** A sheet at the side, for what belongs to a row and needs room. */
  sheet?: boolean;
  wide?: boolean;
  /** Stays until a button of it is pressed: neither Escape nor a click beside it closes it. */
  stubborn?: boolean;
  /** An alert dialog: something has to be decided. */
  alert?: boolean;
}

/** A dialog over the page; the rest of the page is inert meanwhile. On a narrow screen it comes from below. */
export function Dialog({ title, isOpen, onClose, children, footer, sheet, wide, stubborn, alert }: DialogProps) {
  const texts = useTexts();
  return (
    <ModalOverlay
      className={sheet ? 'overlay beside' : 'overlay'}
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!stubborn}
      isKeyboardDismissDisabled={stubborn ?? false}
    >
      <Modal className={sheet ? 'modal sheet' : wide ? 'modal roomy' : 'modal'}>
        <AriaDialog className="dialog" role={alert ? 'alertdialog' : 'dialog'}>
          <header>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {!stubborn && (
              <Button look="icon" aria-label={texts.common.close} onPress={onClose}>
                <Icon name="close" />
              </Button>
            )}
          </header>
          <div className="content">{children}</div>
          {footer && <footer className="actions">{footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
