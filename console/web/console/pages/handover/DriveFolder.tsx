import { Select } from '../../kit/Choices';
import { Field } from '../../kit/Field';
import { PersonField } from '../../kit/PersonPicker';
import { useTexts } from '../../texts';
import type { Sharing } from './choices';
import type { People } from './names';

interface DriveFolderProps {
  person: { id: string; name: string };
  sharing: Sharing;
  onChange(sharing: Sharing): void;
  people: People;
  except: readonly string[];
}

const LEVELS = ['READ', 'ADD', 'EDIT', 'FULL'] as const;

/** The folder that a drive moves into: its name, and who else gets access to it. */
export function DriveFolder({ person, sharing, onChange, people, except }: DriveFolderProps) {
  const texts = useTexts();
  const words = texts.moving.drive;
  return (
    <details className="drive-folder" open={sharing.folder !== '' || sharing.with.length > 0}>
      <summary>{words.options}</summary>
      <Field
        label={words.folder}
        placeholder={words.folderName(person.name)}
        hint={words.folderHint}
        optional
        value={sharing.folder}
        maxLength={200}
        onChange={(folder) => onChange({ ...sharing, folder })}
      />
      <div className="gets-line">
        <span>{words.sharedWith}</span>
        <PersonField
          title={words.pick}
          picked={people.of(sharing.with)}
          several
          except={except}
          onPick={(picked) => {
            people.learn(picked);
            onChange({ ...sharing, with: picked.map(({ id }) => id) });
          }}
        />
        <Select
          label={words.access}
          hideLabel
          value={sharing.access}
          options={LEVELS.map((level) => ({ value: level, label: texts.enums.shareAccess[level] }))}
          onChange={(access) => onChange({ ...sharing, access })}
        />
      </div>
    </details>
  );
}
