import type { ReactNode } from 'react';
import { Alert } from '../../kit/Alert';
import { useTexts } from '../../texts';

/** Somebody else has changed what was to be saved: what it is now is shown, and what was entered is kept. */
export function Meanwhile({ changes = [], action }: { changes?: string[]; action?: ReactNode }) {
  const { errors, settings } = useTexts();
  return (
    <Alert title={errors.refusals.CHANGED_MEANWHILE ?? ''} urgent action={action}>
      {changes.length > 0 && (
        <ul>
          {changes.map((change) => (
            <li key={change}>{change}</li>
          ))}
        </ul>
      )}
      <p>{settings.meanwhile}</p>
    </Alert>
  );
}
