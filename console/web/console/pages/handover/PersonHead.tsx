import type { ReactNode, Ref } from 'react';
import { Avatar } from '../../kit/Avatar';

export interface HeadedPerson {
  name: string;
  email: string;
  position?: string | null;
  department?: { name: string } | null;
}

interface PersonHeadProps {
  person: HeadedPerson;
  title: string;
  heading: { ref: Ref<HTMLHeadingElement>; tabIndex: -1 };
  children?: ReactNode;
}

/** Whom it is about, on every step. */
export function PersonHead({ person, title, heading, children }: PersonHeadProps) {
  return (
    <div className="who">
      <Avatar name={person.name} />
      <div>
        <h1 {...heading}>{title}</h1>
        <p>{[person.position, person.department?.name, person.email].filter(Boolean).join(' · ')}</p>
        {children}
      </div>
    </div>
  );
}
