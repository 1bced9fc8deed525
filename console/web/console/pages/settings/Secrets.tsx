import { useState } from 'react';
import type { Enum } from '../../graphql';
import { useAction } from '../../lib/useAction';
import { focusProblem, useFocusProblem } from '../../lib/useFocusProblem';
import { Alert, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Radios } from '../../kit/Choices';
import { Confirm } from '../../kit/Confirm';
import { Table } from '../../kit/DataTable';
import { Dialog } from '../../kit/Dialog';
import { Field } from '../../kit/Field';
import { SecretDialog } from '../../kit/SecretDialog';
import { tell } from '../../kit/Status';
import { Tag } from '../../kit/Tag';
import { useSay, useTexts } from '../../texts';
import { Ending } from './Ending';
import { AddSecret, type Integration, MOST_SECRETS, RevokeSecret, type Secret, isActive } from './integrations';

type Kind = Enum<'IntegrationSecretKind'>;
const KINDS = ['TOKEN', 'CLIENT_SECRET', 'PUBLIC_KEY'] as const satisfies readonly Kind[];
/** What is shown once. */
interface Added {
  kind: Kind;
  value: string;
}

interface SecretsProps {
  /** Open while there is one. */
  integration: Integration | undefined;
  onClose(): void;
  onChanged(): void;
}

/** The secrets of an integration: to be replaced one by one, while the others stay valid. */
export function Secrets({ integration, onClose, onChanged }: SecretsProps) {
  const { enums, settings } = useTexts();
  const [added, setAdded] = useState<Added>();
  return (
    <>
      <Dialog
        title={settings.secretsOf(integration?.name ?? '')}
        isOpen={integration !== undefined && added === undefined}
        onClose={onClose}
        sheet
      >
        {integration && <Content integration={integration} onChanged={onChanged} onAdded={setAdded} />}
      </Dialog>
      <SecretDialog
        title={settings.newSecretOf(integration?.name ?? '')}
        label={enums.secretKind[added?.kind ?? 'TOKEN']}
        secret={added?.value ?? null}
        onClose={() => {
          setAdded(undefined);
          onChanged();
        }}
      />
    </>
  );
}

interface ContentProps {
  integration: Integration;
  onChanged(): void;
  onAdded(added: Added): void;
}

function Content({ integration, onChanged, onAdded }: ContentProps) {
  const { common, enums, settings } = useTexts();
  const say = useSay();
  const [revoking, setRevoking] = useState<Secret>();
  const [kind, setKind] = useState<Kind>('TOKEN');
  const [publicKey, setPublicKey] = useState('');
  const [expiresAt, setExpiresAt] = useState<string | null>(null);
  const [ending, setEnding] = useState<'never' | 'date'>('never');
  const [tried, setTried] = useState(false);
  const add = useAction(AddSecret, ['expiresAt', 'publicKey']);
  const form = useFocusProblem(add.refusals);
  const revoke = useAction(RevokeSecret);
  const active = integration.secrets.filter((secret) => isActive(secret));
  const nameOf = (secret: Secret) => (secret.hint ? `…${secret.hint}` : say.dateTime(secret.createdAt));

  const keyMissing = kind === 'PUBLIC_KEY' && !publicKey.trim();
  const dateMissing = ending === 'date' && !expiresAt;
  const addOne = async () => {
    setTried(true);
    if (keyMissing || dateMissing) {
      focusProblem(form.current);
      return;
    }
    const key = kind === 'PUBLIC_KEY' ? { publicKey } : {};
    const input = { integrationId: integration.id, kind, ...key, expiresAt: ending === 'date' ? expiresAt : null };
    const answer = await add.run({ input });
    if (!answer) return;
    setTried(false);
    if (answer.value) {
      onAdded({ kind, value: answer.value });
    } else {
      setPublicKey('');
      tell(settings.keyAdded);
      onChanged();
    }
  };
  const revokeOne = async () => {
    if (!revoking || !(await revoke.run({ input: { secretId: revoking.id } }))) return;
    tell(settings.secretRevoked(nameOf(revoking)));
    setRevoking(undefined);
    onChanged();
  };
  return (
    <>
      {active.some(({ knownToLeaver }) => knownToLeaver) && <Alert tone="bad">{settings.leakedText}</Alert>}
      {integration.warnings.length > 0 && <Alert>{integration.warnings.join(' ')}</Alert>}
      <div className="list">
        <Table
          label={settings.secrets}
          rows={integration.secrets}
          keyOf={({ id }) => id}
          head={{
            label: settings.secret,
            cell: (secret) => (
              <>
                {nameOf(secret)}
                <small>{enums.secretKind[secret.kind]}</small>
              </>
            ),
          }}
          columns={[
            { id: 'state', label: common.status, cell: (secret) => <SecretState of={secret} /> },
            {
              id: 'made',
              label: settings.made,
              cell: ({ createdAt, shownTo }) => (
                <>
                  {say.date(createdAt)}
                  {shownTo && <small> {settings.shownTo(shownTo.name)}</small>}
                </>
              ),
            },
            {
              id: 'used',
              label: settings.lastUsed,
              cell: ({ lastUsedAt }) => (lastUsedAt ? say.ago(lastUsedAt) : settings.never),
            },
          ]}
          actions={(secret) =>
            isActive(secret) && (
              <Button aria-label={settings.revokeSecret(nameOf(secret))} onPress={() => setRevoking(secret)}>
                {settings.revoke}
              </Button>
            )
          }
        />
      </div>
      {integration.revokedAt === null && (
        <form
          ref={form}
          className="panel"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void addOne();
          }}
        >
          <h3>{settings.addSecret}</h3>
          {active.length >= MOST_SECRETS ? (
            <p className="note">{settings.enoughSecrets(MOST_SECRETS)}</p>
          ) : (
            <>
              <Radios
                label={settings.secretKind}
                value={kind}
                onChange={(next) => setKind(next)}
                options={KINDS.map((value) => ({
                  value,
                  label: enums.secretKind[value],
                  hint: settings.secretKindHints[value],
                }))}
              />
              {kind === 'PUBLIC_KEY' && (
                <Field
                  label={enums.secretKind.PUBLIC_KEY}
                  hint={settings.publicKeyHint}
                  value={publicKey}
                  onChange={setPublicKey}
                  error={tried && keyMissing ? common.required : add.problemOf('publicKey')}
                  lines={4}
                  required
                />
              )}
              {kind !== 'TOKEN' && <p className="note">{settings.clientId(integration.id)}</p>}
              <Ending
                ending={ending}
                onEnding={setEnding}
                date={expiresAt}
                onDate={setExpiresAt}
                error={tried && dateMissing ? common.invalidDate : add.problemOf('expiresAt')}
              />
              <Problems of={add.problems} />
              <div className="actions">
                <Button look="primary" submit pending={add.pending}>
                  {settings.addSecret}
                </Button>
              </div>
            </>
          )}
        </form>
      )}
      <Confirm
        title={settings.revokeSecret(revoking ? nameOf(revoking) : '')}
        isOpen={revoking !== undefined}
        onClose={() => {
          revoke.reset();
          setRevoking(undefined);
        }}
        action={settings.revokeNow}
        onConfirm={() => void revokeOne()}
        danger
        pending={revoke.pending}
        problems={revoke.problems}
      >
        <p>{settings.revokeSecretText}</p>
      </Confirm>
    </>
  );
}

function SecretState({ of: secret }: { of: Secret }) {
  const { settings } = useTexts();
  const say = useSay();
  if (secret.revokedAt) return <Tag>{settings.revokedOn(say.date(secret.revokedAt))}</Tag>;
  if (!isActive(secret)) return <Tag>{settings.expired}</Tag>;
  return (
    <span className="tags">
      <Tag tone="good">{settings.active}</Tag>
      {secret.knownToLeaver && <Tag tone="bad">{settings.leaked}</Tag>}
      {secret.expiresAt && <small>{settings.until(say.date(secret.expiresAt))}</small>}
    </span>
  );
}
