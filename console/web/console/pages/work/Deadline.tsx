import { Button } from '../../kit/Button';
import { DateTimeField } from '../../kit/DateTimeField';
import { useTexts } from '../../texts';

interface DeadlineProps {
  value: string | null;
  onChange(value: string | null): void;
  error?: string | undefined;
}

/** A due date, which may be missing. */
export function Deadline({ value, onChange, error }: DeadlineProps) {
  const words = useTexts().tasks;
  return (
    <div className="deadline">
      <DateTimeField label={words.deadline} value={value} onChange={onChange} error={error} />
      {value && (
        <Button look="quiet" onPress={() => onChange(null)}>
          {words.removeDeadline}
        </Button>
      )}
    </div>
  );
}
