import { useState } from 'react';
import { Button } from '../../kit/Button';
import { Icon } from '../../kit/Icon';
import { type Picked, PersonPicker } from '../../kit/PersonPicker';
import { useTexts } from '../../texts';

interface PeopleFieldProps {
  label: string;
  /** The title of the dialog. */
  title: string;
  picked: readonly Picked[];
  onPick(people: Picked[]): void;
  several?: boolean;
  /** Without several: nobody is a choice. */
  none?: boolean;
  error?: string | undefined;
}

/** People in a form: each by name, to be taken out or replaced. */
export function PeopleField({ label, title, picked, onPick, several = false, none = false, error }: PeopleFieldProps) {
  const texts = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="field people-field" role="group" aria-label={label}>
      <span aria-hidden="true">{label}</span>
      {picked.length > 0 ? (
        <ul>
          {picked.map(({ id, name }) => (
            <li key={id}>
              {name}
              {(several || none) && (
                <Button
                  look="icon"
                  aria-label={texts.common.removeName(name)}
                  onPress={() => onPick(picked.filter((person) => person.id !== id))}
                >
                  <Icon name="close" />
                </Button>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <span className="note">{texts.common.nobody}</span>
      )}
      <Button onPress={() => setOpen(true)}>
        {picked.length === 0 || several ? texts.common.choose : texts.common.change}
        <span className="hidden"> – {title}</span>
      </Button>
      {error && (
        <small className="problem" role="alert">
          {error}
        </small>
      )}
      <PersonPicker
        title={title}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onPick={onPick}
        picked={picked}
        several={several}
        together={several}
      />
    </div>
  );
}
