import { useTexts } from '../texts';
import { store, useStore } from '../lib/listeners';
import { Button } from './Button';
import { Icon } from './Icon';

const message = store('');

/** Says that something has been done: shown at the edge of the page, and read out. Stays until the next one. */
export function tell(text: string): void {
  message.set(text);
}

/** Where `tell` appears; once in the page. */
export function StatusRegion() {
  const texts = useTexts();
  const shown = useStore(message);
  return (
    <div className={shown ? 'told' : undefined}>
      <span role="status">{shown}</span>
      {shown && (
        <Button look="icon" aria-label={texts.common.close} onPress={() => tell('')}>
          <Icon name="close" />
        </Button>
      )}
    </div>
  );
}
