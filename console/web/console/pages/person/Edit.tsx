import { type FormEvent, useState } from 'react';
import { type ResultOf, type VariablesOf, graphql } from '../../graphql';
import { Alert, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useFocusProblem } from '../../lib/useFocusProblem';
import { useTexts } from '../../texts';
import type { PersonData } from './document';
import { PERSON_FIELDS, PersonFields, type PersonValues } from './Fields';

const Update = graphql(`
  mutation UpdatePerson($input: UpdateUserInput!) {
    updateUser(input: $input) {
      user {
        id
        name
        givenName
        familyName
        email
        position
        role
        department {
          id
          name
        }
        head {
          id
          name
        }
      }
      secretsStopped {
        id
        integration {
          id
          name
        }
      }
      schedulesPassed {
        id
        user {
          id
          name
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

type Payload = ResultOf<typeof Update>['updateUser'];

interface EditProps {
  person: PersonData;
  isOpen: boolean;
  onClose(): void;
}

export function EditPerson(props: EditProps) {
  const words = useTexts().person;
  return (
    <Dialog title={words.editTitle(props.person.name)} isOpen={props.isOpen} onClose={props.onClose}>
      {/* Within the dialog, so that each opening begins with what is known now. */}
      <Form {...props} />
    </Dialog>
  );
}

const valuesOf = (person: PersonData): PersonValues => ({
  email: person.email,
  givenName: person.givenName ?? '',
  familyName: person.familyName ?? '',
  position: person.position ?? '',
  departmentId: person.department?.id ?? '',
  role: person.role,
});

/** Only what was changed here: what others have changed meanwhile stays. */
function changes(before: PersonValues, after: PersonValues): Omit<VariablesOf<typeof Update>['input'], 'userId'> {
  const cleared = (name: keyof PersonValues) =>
    after[name] === before[name] ? {} : { [name]: after[name].trim() || null };
  return {
    ...(after.email === before.email ? {} : { email: after.email.trim() }),
    ...cleared('givenName'),
    ...cleared('familyName'),
    ...cleared('position'),
    ...cleared('departmentId'),
    ...(after.role === before.role ? {} : { role: after.role }),
  };
}

function Form({ person, onClose }: EditProps) {
  const texts = useTexts();
  const [before] = useState(() => valuesOf(person));
  const [values, setValues] = useState(before);
  const [done, setDone] = useState<Payload>();
  const update = useAction(Update, PERSON_FIELDS);
  const form = useFocusProblem(update.refusals);
  const managed = person.directory;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const input = changes(before, values);
    if (Object.keys(input).length === 0) return onClose();
    const payload = await update.run({ input: { userId: person.id, ...input } });
    if (!payload) return;
    tell(texts.common.saved);
    if (payload.secretsStopped.length + payload.schedulesPassed.length > 0) setDone(payload);
    else onClose();
  };
  if (done) return <Consequences of={done} onClose={onClose} />;
  return (
    <form ref={form} onSubmit={(event) => void save(event)}>
      {managed && <Alert tone="neutral">{texts.directories.managedFields(managed.directory.name)}</Alert>}
      <PersonFields
        values={values}
        onChange={setValues}
        problemOf={update.problemOf}
        managed={managed !== null}
      />
      <Problems of={update.problems} />
      <div className="actions">
        <Button onPress={onClose}>{texts.common.cancel}</Button>
        <Button submit look="primary" pending={update.pending}>
          {texts.common.save}
        </Button>
      </div>
    </form>
  );
}

/** Somebody who is no administrator any more: what has ended or passed on with that. */
function Consequences({ of, onClose }: { of: Payload; onClose(): void }) {
  const texts = useTexts();
  const words = texts.person;
  return (
    <>
      <Alert tone="warn" title={words.consequences} urgent>
        <ul>
          {of.secretsStopped.map(({ id, integration }) => (
            <li key={id}>{words.secretStopped(integration?.name ?? texts.common.unknown)}</li>
          ))}
          {of.schedulesPassed.map(({ id, user }) => (
            <li key={id}>{words.schedulePassed(user.name)}</li>
          ))}
        </ul>
      </Alert>
      <div className="actions">
        <Button look="primary" autoFocus onPress={onClose}>
          {texts.common.close}
        </Button>
      </div>
    </>
  );
}
