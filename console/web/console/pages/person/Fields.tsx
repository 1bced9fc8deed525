import type { Enum } from '../../graphql';
import { Select } from '../../kit/Choices';
import { DepartmentSelect } from '../../kit/DepartmentSelect';
import { Field } from '../../kit/Field';
import { useTexts } from '../../texts';

export interface PersonValues {
  email: string;
  givenName: string;
  familyName: string;
  position: string;
  departmentId: string;
  role: Enum<'Role'>;
}

/** The fields whose problems are shown where they are. */
export const PERSON_FIELDS = ['email', 'givenName', 'familyName', 'position', 'departmentId', 'role'];

interface FieldsProps {
  values: PersonValues;
  onChange(values: PersonValues): void;
  problemOf(field: string): string | undefined;
  /** A directory decides the address and the name. */
  managed?: boolean;
}

/** What is known of a person, to be entered. */
export function PersonFields({ values, onChange, problemOf, managed = false }: FieldsProps) {
  const texts = useTexts();
  const words = texts.person;
  const set = <Name extends keyof PersonValues>(name: Name) => ({
    value: values[name],
    onChange: (value: PersonValues[Name]) => onChange({ ...values, [name]: value }),
    error: problemOf(name),
  });
  const fixed = { autoComplete: 'off', readOnly: managed };
  return (
    <>
      <Field label={texts.common.email} name="email" type="email" required {...fixed} {...set('email')} />
      <Field label={words.givenName} name="givenName" optional {...fixed} {...set('givenName')} />
      <Field label={words.familyName} name="familyName" optional {...fixed} {...set('familyName')} />
      <Field label={texts.common.position} name="position" autoComplete="off" optional {...set('position')} />
      <DepartmentSelect label={texts.common.department} none={words.noDepartment} {...set('departmentId')} />
      <Select
        label={words.role}
        options={[
          { value: 'EMPLOYEE', label: texts.enums.role.EMPLOYEE },
          { value: 'ADMINISTRATOR', label: texts.enums.role.ADMINISTRATOR },
        ]}
        hint={values.role === 'ADMINISTRATOR' ? words.administratorHint : undefined}
        {...set('role')}
      />
    </>
  );
}
