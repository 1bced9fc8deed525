import { Radios } from '../../kit/Choices';
import { DateTimeField } from '../../kit/DateTimeField';
import { useTexts } from '../../texts';

interface EndingProps {
  ending: 'never' | 'date';
  onEnding(ending: 'never' | 'date'): void;
  date: string | null;
  onDate(date: string | null): void;
  error: string | undefined;
}

/** When a secret ends. */
export function Ending({ ending, onEnding, date, onDate, error }: EndingProps) {
  const { settings } = useTexts();
  return (
    <>
      <Radios
        label={settings.expires}
        value={ending}
        onChange={onEnding}
        options={[
          { value: 'never', label: settings.noEnd, hint: settings.noEndHint },
          { value: 'date', label: settings.onDate },
        ]}
      />
      {ending === 'date' && (
        <DateTimeField
          label={settings.expires}
          value={date}
          onChange={onDate}
          earliest={new Date().toISOString()}
          error={error}
        />
      )}
    </>
  );
}
