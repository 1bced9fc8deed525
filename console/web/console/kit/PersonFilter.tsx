import { useState } from 'react';
import { graphql } from '../graphql';
import { useData } from '../lib/useData';
import { useTexts } from '../texts';
import { Button } from './Button';
import { Icon } from './Icon';
import { PersonPicker } from './PersonPicker';
import { SubjectParts, subjectOf } from './Subject';

const Named = graphql(
  `
    query Named($id: ID!) {
      node(id: $id) {
        id
        ...SubjectParts
      }
    }
  `,
  [SubjectParts],
);

/** The name of an object whose id is in the address: nothing while it is not known, null if it has none. */
export function useName(id: string): string | null | undefined {
  const { data } = useData(Named, { id }, { pause: !id });
  if (!id || !data) return undefined;
  return (data.node && subjectOf(data.node).name) ?? null;
}

interface PersonFilterProps {
  label: string;
  /** What is shown while nobody is chosen. */
  none: string;
  /** The id of a person, or of another object; nothing for all. */
  value: string;
  onChange(id: string): void;
}

/** A filter by a person, also one who does not work here any more. */
export function PersonFilter({ label, none, value, onChange }: PersonFilterProps) {
  const texts = useTexts();
  const [isOpen, setOpen] = useState(false);
  const known = useName(value);
  const name = known ?? (value ? (known === null ? texts.audit.thisObject : '…') : none);
  return (
    <span className="person-filter">
      <span aria-hidden="true">{label}</span>
      <Button onPress={() => setOpen(true)}>
        <span className="hidden">{label}: </span>
        {name}
      </Button>
      {value && (
        <Button look="icon" aria-label={texts.common.removeName(`${label}: ${name}`)} onPress={() => onChange('')}>
          <Icon name="close" />
        </Button>
      )}
      <PersonPicker
        title={label}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        anyone
        picked={value && known ? [{ id: value, name }] : []}
        onPick={([person]) => onChange(person?.id ?? '')}
      />
    </span>
  );
}
