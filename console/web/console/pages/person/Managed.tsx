import { useState } from 'react';
import { Link } from 'wouter';
import { type ResultOf, graphql } from '../../graphql';
import { Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Checkbox, Select } from '../../kit/Choices';
import { Confirm } from '../../kit/Confirm';
import { Dialog } from '../../kit/Dialog';
import { Field } from '../../kit/Field';
import { Facts, Panel } from '../../kit/Page';
import { tell } from '../../kit/Status';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { useFocusProblem } from '../../lib/useFocusProblem';
import { useSay, useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { ManagedParts, type PersonData } from './document';

const Names = graphql(`
  query DirectoryNames {
    directories {
      id
      name
    }
  }
`);

const LinkPerson = graphql(
  `
    mutation LinkPerson($input: LinkToDirectoryInput!) {
      linkToDirectory(input: $input) {
        user {
          id
          ...ManagedParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [ManagedParts],
);

const UnlinkPerson = graphql(
  `
    mutation UnlinkPerson($input: LinkToDirectoryInput!) {
      unlinkFromDirectory(input: $input) {
        user {
          id
          ...ManagedParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [ManagedParts],
);

const ExemptPerson = graphql(
  `
    mutation ExemptPerson($input: ExemptFromDirectoryInput!) {
      exemptFromDirectory(input: $input) {
        user {
          id
          ...ManagedParts
        }
        userErrors {
          code
          message
          field
        }
      }
    }
  `,
  [ManagedParts],
);

/** What the directory says of somebody, and whether it may dismiss them. */
export function Managed({ person }: { person: PersonData }) {
  const { may } = useViewer();
  const manages = may('MANAGE_INTEGRATIONS');
  if (person.directory) return <Linked person={person} link={person.directory} manages={manages} />;
  return manages ? <Unlinked person={person} /> : null;
}

interface LinkedProps {
  person: PersonData;
  link: NonNullable<PersonData['directory']>;
  manages: boolean;
}

function Linked({ person, link, manages }: LinkedProps) {
  const { directories: words, person: missing } = useTexts();
  const say = useSay();
  const exempt = useAction(ExemptPerson);
  const unlink = useAction(UnlinkPerson);
  const [asked, setAsked] = useState(false);
  const { directory, manager } = link;
  const close = () => {
    unlink.reset();
    setAsked(false);
  };
  const unlinkNow = async () => {
    if (!(await unlink.run({ input: { directoryId: directory.id, userId: person.id } }))) return;
    tell(words.personUnlinked);
    close();
  };
  return (
    <Panel
      title={words.one}
      actions={manages && <Button onPress={() => setAsked(true)}>{words.unlink}</Button>}
    >
      <p className="note">{words.managedFields(directory.name)}</p>
      <div className="about">
        <Facts
          of={[
            [words.one, manages ? <Link href={`/directories/${directory.id}`}>{directory.name}</Link> : directory.name],
            [words.userName, link.userName],
            [words.externalId, link.externalId ? <code>{link.externalId}</code> : missing.missing],
            [
              words.directoryManager,
              manager ? <Link href={`/people/${manager.id}`}>{manager.name}</Link> : missing.missing,
            ],
            [words.linkedAt, say.dateTime(link.linkedAt)],
          ]}
        />
      </div>
      {(manages || link.exempt) && (
        <Checkbox
          label={words.exempt}
          hint={words.exemptHint}
          checked={link.exempt}
          disabled={!manages || exempt.pending}
          onChange={(on) => void exempt.run({ input: { userId: person.id, exempt: on } })}
        />
      )}
      <Problems of={exempt.problems} />
      <Confirm
        title={words.unlinkTitle(person.name, directory.name)}
        isOpen={asked}
        onClose={close}
        action={words.unlinkNow}
        onConfirm={() => void unlinkNow()}
        pending={unlink.pending}
        problems={unlink.problems}
      >
        <p>{words.unlinkText}</p>
      </Confirm>
    </Panel>
  );
}

/** A button, if there is a directory to link them to. */
function Unlinked({ person }: { person: PersonData }) {
  const { directories: words } = useTexts();
  const [open, setOpen] = useState(false);
  const { data, error, reload } = useData(Names, {});
  const directories = data?.directories ?? [];
  if (error) return <Failure error={error} onRetry={reload} />;
  if (directories.length === 0) return null;
  return (
    <Panel title={words.one} actions={<Button onPress={() => setOpen(true)}>{words.link}</Button>}>
      <p className="note">{words.notLinked}</p>
      <Dialog title={words.linkTitle(person.name)} isOpen={open} onClose={() => setOpen(false)}>
        {/* Within the dialog, so that each opening begins anew. */}
        <LinkForm person={person} directories={directories} onClose={() => setOpen(false)} />
      </Dialog>
    </Panel>
  );
}

interface LinkFormProps {
  person: PersonData;
  directories: NonNullable<ResultOf<typeof Names>['directories']>;
  onClose(): void;
}

function LinkForm({ person, directories, onClose }: LinkFormProps) {
  const { common, directories: words } = useTexts();
  const [directoryId, setDirectoryId] = useState(directories[0]?.id ?? '');
  const [userName, setUserName] = useState('');
  const [externalId, setExternalId] = useState(person.externalId ?? '');
  const { run, pending, problems, problemOf, refusals } = useAction(LinkPerson, ['userName', 'externalId']);
  const form = useFocusProblem(refusals);
  const link = async () => {
    const named = { userName: userName.trim() || null, externalId: externalId.trim() || null };
    if (!(await run({ input: { directoryId, userId: person.id, ...named } }))) return;
    tell(words.personLinked);
    onClose();
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void link();
      }}
    >
      <p>{words.linkText}</p>
      <Select
        label={words.one}
        value={directoryId}
        onChange={setDirectoryId}
        options={directories.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <Field
        label={words.userName}
        hint={words.userNameHint}
        optional
        value={userName}
        onChange={setUserName}
        error={problemOf('userName')}
        autoComplete="off"
      />
      <Field
        label={words.externalId}
        optional
        value={externalId}
        onChange={setExternalId}
        error={problemOf('externalId')}
        autoComplete="off"
      />
      <Problems of={problems} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {words.linkNow}
        </Button>
      </footer>
    </form>
  );
}
