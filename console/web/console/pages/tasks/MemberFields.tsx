import type { Picked } from '../../kit/PersonPicker';
import { useTexts } from '../../texts';
import { PeopleField } from '../work/PeopleField';

interface Members {
  participants: Picked[];
  observers: Picked[];
}

interface MemberFieldsProps {
  draft: Members;
  onChange(part: Partial<Members>): void;
  problemOf(field: string): string | undefined;
}

/** Participants and observers, of a task or a recurring one. */
export function MemberFields({ draft, onChange, problemOf }: MemberFieldsProps) {
  const words = useTexts().tasks;
  return (
    <>
      <PeopleField
        label={words.participants}
        title={words.chooseParticipants}
        picked={draft.participants}
        several
        onPick={(participants) => onChange({ participants })}
        error={problemOf('participantIds')}
      />
      <PeopleField
        label={words.observers}
        title={words.chooseObservers}
        picked={draft.observers}
        several
        onPick={(observers) => onChange({ observers })}
        error={problemOf('observerIds')}
      />
    </>
  );
}
