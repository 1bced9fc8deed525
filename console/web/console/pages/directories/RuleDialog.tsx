import { useState } from 'react';
import type { WorkKind } from '../../graphql';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Checkbox } from '../../kit/Choices';
import { Dialog } from '../../kit/Dialog';
import { Icon } from '../../kit/Icon';
import { PersonPicker } from '../../kit/PersonPicker';
import { type Texts, useTexts } from '../../texts';
import type { Recipient, Rule } from './documents';

export const recipientWords = (
  { manager, headOfDepartment, user }: Recipient,
  { common, directories: words }: Texts,
): string => (manager ? words.manager : headOfDepartment ? words.headOfDepartment : (user?.name ?? common.unknown));

/** The same rule for several kinds of work. */
export interface Rules extends Omit<Rule, 'kind'> {
  kinds: WorkKind[];
}

interface RuleProps {
  /** The rules to be changed, null for new ones; closed without. */
  edited: Rules | null | undefined;
  /** Kinds of work that no other rule is about. */
  choice: WorkKind[];
  onClose(): void;
  onSave(rules: Rules): void;
  pending: boolean;
  problems: string[];
}

/** Asks who gets which kinds of work. */
export function RuleDialog(props: RuleProps) {
  const { directories: words } = useTexts();
  const { edited, onClose } = props;
  return (
    <Dialog title={words.rulesTitle} isOpen={edited !== undefined} onClose={onClose} wide>
      {/* Within the dialog, so that each opening begins anew. */}
      <Form {...props} />
    </Dialog>
  );
}

const MANAGER: Recipient = { manager: true, headOfDepartment: false, user: null };
const HEAD: Recipient = { manager: false, headOfDepartment: true, user: null };

function Form({ edited, choice, onClose, onSave, pending, problems }: RuleProps) {
  const texts = useTexts();
  const { common, directories: words, enums } = texts;
  const [kinds, setKinds] = useState(edited?.kinds ?? choice);
  const [to, setTo] = useState<readonly Recipient[]>(edited?.to ?? [MANAGER, HEAD]);
  const [includeClosed, setIncludeClosed] = useState(edited?.includeClosed ?? false);
  const [picking, setPicking] = useState(false);
  const [tried, setTried] = useState(false);
  const missing = kinds.length === 0 ? texts.settings.scopesMissing : to.length === 0 ? words.recipientMissing : undefined;
  const submit = () => {
    setTried(true);
    if (!missing) onSave({ kinds, to: [...to], includeClosed });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <fieldset className="scope-choice">
        <legend>{words.kind}</legend>
        <Checkbox
          label={texts.handovers.allKinds}
          checked={kinds.length === choice.length}
          partly={kinds.length > 0 && kinds.length < choice.length}
          onChange={(on) => setKinds(on ? choice : [])}
        />
        {choice.map((kind) => (
          <Checkbox
            key={kind}
            label={enums.workKind[kind]}
            checked={kinds.includes(kind)}
            onChange={(on) => setKinds(choice.filter((one) => (one === kind ? on : kinds.includes(one))))}
          />
        ))}
      </fieldset>
      <div className="field" role="group" aria-label={words.recipients}>
        <strong aria-hidden="true">{words.recipients}</strong>
        <small>{words.recipientsHint}</small>
        <ol className="ranked">
          {to.map((recipient, rank) => {
            const name = recipientWords(recipient, texts);
            return (
              <li key={recipient.user?.id ?? name}>
                {name}
                {rank > 0 && (
                  <Button
                    look="icon"
                    aria-label={words.earlier(name)}
                    onPress={() =>
                      setTo([...to.slice(0, rank - 1), recipient, ...to.slice(rank - 1, rank), ...to.slice(rank + 1)])
                    }
                  >
                    <Icon name="up" />
                  </Button>
                )}
                <Button
                  look="icon"
                  aria-label={common.removeName(name)}
                  onPress={() => setTo(to.filter((one) => one !== recipient))}
                >
                  <Icon name="close" />
                </Button>
              </li>
            );
          })}
        </ol>
        <span className="tags">
          {!to.some(({ manager }) => manager) && (
            <Button onPress={() => setTo([...to, MANAGER])}>{words.manager}</Button>
          )}
          {!to.some(({ headOfDepartment }) => headOfDepartment) && (
            <Button onPress={() => setTo([...to, HEAD])}>{words.headOfDepartment}</Button>
          )}
          <Button onPress={() => setPicking(true)}>{words.person}</Button>
        </span>
      </div>
      <Checkbox label={words.includeClosed} checked={includeClosed} onChange={setIncludeClosed} />
      <Problems of={[...(tried && missing ? [missing] : []), ...problems]} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {common.save}
        </Button>
      </footer>
      <PersonPicker
        title={words.addRecipient}
        isOpen={picking}
        onClose={() => setPicking(false)}
        except={to.flatMap(({ user }) => (user ? [user.id] : []))}
        onPick={([user]) => user && setTo([...to, { manager: false, headOfDepartment: false, user }])}
      />
    </form>
  );
}
