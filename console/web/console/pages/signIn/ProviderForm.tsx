import { useState } from 'react';
import { callbackUri } from '../../lib/away';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Checkbox, Select } from '../../kit/Choices';
import { Dialog } from '../../kit/Dialog';
import { Field } from '../../kit/Field';
import { useTexts } from '../../texts';
import { ChoiceDocument, CreateProvider, type Provider, UpdateProvider } from './documents';

interface FormProps {
  /** The provider that is changed; null: a new one. Open unless undefined. */
  edited: Provider | null | undefined;
  onClose(): void;
  onSaved(provider: Provider): void;
}

/** Asks for what Handover has to know of an identity provider. */
export function ProviderDialog({ edited, onClose, onSaved }: FormProps) {
  const { signIn: words } = useTexts();
  return (
    <Dialog
      title={edited ? words.editTitle(edited.name) : words.create}
      isOpen={edited !== undefined}
      onClose={onClose}
      wide
    >
      {/* Within the dialog, so that each opening begins anew. */}
      <Form edited={edited} onClose={onClose} onSaved={onSaved} />
    </Dialog>
  );
}

const FIELDS = [
  'name',
  'issuer',
  'clientId',
  'clientSecret',
  'redirectUris',
  'emailDomains',
  'justInTime',
  'directoryId',
  'externalIdClaim',
];
const NAMES = ['name', 'issuer', 'clientId'] as const;
const linesOf = (text: string) => text.split(/[\s,]+/).filter(Boolean);

function Form({ edited, onClose, onSaved }: FormProps) {
  const { common, signIn: words } = useTexts();
  const [names, setNames] = useState({
    name: edited?.name ?? '',
    issuer: edited?.issuer ?? '',
    clientId: edited?.clientId ?? '',
  });
  const [secret, setSecret] = useState('');
  const [isPublic, setPublic] = useState(false);
  const [redirects, setRedirects] = useState((edited?.redirectUris ?? [callbackUri()]).join('\n'));
  const [domains, setDomains] = useState((edited?.emailDomains ?? []).join('\n'));
  const [justInTime, setJustInTime] = useState(edited?.justInTime ?? false);
  const [directoryId, setDirectory] = useState(edited?.directory?.id ?? '');
  const [claim, setClaim] = useState(edited?.externalIdClaim ?? 'sub');
  const [tried, setTried] = useState(false);
  const { data } = useData(ChoiceDocument, {});
  const create = useAction(CreateProvider, FIELDS);
  const update = useAction(UpdateProvider, FIELDS);
  const { pending, problems, problemOf, refusals } = edited ? update : create;
  const form = useFocusProblem(refusals);
  const directories = data?.directories ?? (edited?.directory ? [edited.directory] : []);

  const submit = async () => {
    setTried(true);
    if (NAMES.some((field) => !names[field].trim()) || linesOf(redirects).length === 0) {
      focusProblem(form.current);
      return;
    }
    const input = {
      name: names.name.trim(),
      clientId: names.clientId.trim(),
      redirectUris: linesOf(redirects),
      emailDomains: linesOf(domains),
      justInTime,
      directoryId: directoryId || null,
      // Without a directory its field is not shown.
      ...(directoryId ? { externalIdClaim: claim.trim() || 'sub' } : {}),
    };
    const answer = edited
      ? await update.run({
          input: {
            providerId: edited.id,
            ...input,
            // What is left out stays.
            ...(isPublic ? { clientSecret: null } : secret ? { clientSecret: secret } : {}),
          },
        })
      : await create.run({ input: { ...input, issuer: names.issuer.trim(), clientSecret: secret || null } });
    if (answer?.provider) onSaved(answer.provider);
  };
  const text = (field: (typeof NAMES)[number], label: string, hint?: string) => (
    <Field
      label={label}
      hint={hint}
      value={names[field]}
      onChange={(value) => setNames({ ...names, [field]: value })}
      error={tried && !names[field].trim() ? common.required : problemOf(field)}
      required
      autoFocus={field === 'name'}
      autoComplete="off"
    />
  );
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {text('name', common.name, words.nameHint)}
      {!edited && text('issuer', words.issuer, words.issuerHint)}
      {text('clientId', words.clientId)}
      <Field
        label={words.clientSecret}
        hint={edited?.hasClientSecret ? words.secretKept : words.secretHint}
        type="password"
        value={secret}
        onChange={setSecret}
        error={problemOf('clientSecret')}
        disabled={isPublic}
        autoComplete="new-password"
      />
      {edited?.hasClientSecret && <Checkbox label={words.noSecret} checked={isPublic} onChange={setPublic} />}
      <Field
        label={words.redirectUris}
        hint={words.redirectHint(callbackUri())}
        lines={2}
        value={redirects}
        onChange={setRedirects}
        error={tried && linesOf(redirects).length === 0 ? common.required : problemOf('redirectUris')}
        required
      />
      <Field
        label={words.emailDomains}
        hint={words.domainsHint}
        lines={2}
        value={domains}
        onChange={setDomains}
        error={problemOf('emailDomains')}
        placeholder="example.com"
        optional
      />
      <Checkbox label={words.justInTime} hint={words.justInTimeHint} checked={justInTime} onChange={setJustInTime} />
      {directories.length > 0 && (
        <Select
          label={words.directory}
          hint={words.directoryHint}
          value={directoryId}
          onChange={setDirectory}
          options={[
            { value: '', label: words.noDirectory },
            ...directories.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          error={problemOf('directoryId')}
        />
      )}
      {directoryId && (
        <Field
          label={words.claim}
          hint={words.claimHint}
          value={claim}
          onChange={setClaim}
          error={problemOf('externalIdClaim')}
          autoComplete="off"
        />
      )}
      <Problems of={[...problems, ...[problemOf('justInTime') ?? []].flat()]} />
      <footer className="actions">
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" submit pending={pending}>
          {edited ? common.save : common.create}
        </Button>
      </footer>
    </form>
  );
}
