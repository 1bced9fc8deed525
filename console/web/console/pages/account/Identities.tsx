import { useState } from 'react';
import { type ResultOf, graphql } from '../../graphql';
import { goTo } from '../../lib/away';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Confirm } from '../../kit/Confirm';
import { Table } from '../../kit/DataTable';
import { Panel } from '../../kit/Page';
import { EmptyState } from '../../kit/Placeholder';
import { tell } from '../../kit/Status';
import { useSay, useTexts } from '../../texts';

const IdentitiesDocument = graphql(`
  query Identities($id: ID!) {
    identityProviders {
      id
      name
    }
    user(id: $id) {
      id
      identities {
        id
        linkedBy
        linkedAt
        lastUsedAt
        provider {
          id
          name
        }
      }
    }
  }
`);

const Unlink = graphql(`
  mutation UnlinkIdentity($input: UnlinkIdentityInput!) {
    unlinkIdentity(input: $input) {
      user {
        id
        identities {
          id
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

type Identity = NonNullable<NonNullable<ResultOf<typeof IdentitiesDocument>['user']>['identities']>[number];

interface IdentitiesProps {
  userId: string;
  /** Whether they are one's own, which can be linked here too. */
  own?: boolean;
  onUnlinked?(): void;
}

/** The accounts at identity providers that somebody can sign in with. Nothing where there is nothing to do. */
export function Identities({ userId, own = false, onUnlinked }: IdentitiesProps) {
  const { common, enums, signIn: words } = useTexts();
  const say = useSay();
  const { data, error, reload } = useData(IdentitiesDocument, { id: userId });
  const [unlinked, setUnlinked] = useState<Identity>();
  /** So that the panel, and the focus in it, outlast the last account. */
  const [hadAccounts, setHadAccounts] = useState(false);
  const [pending, setPending] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const unlink = useAction(Unlink);
  const identities = data?.user?.identities ?? [];
  const providers = own ? (data?.identityProviders ?? []) : [];
  const others = providers.filter(({ id }) => !identities.some(({ provider }) => provider?.id === id));
  const nameOf = ({ provider }: Identity) => provider?.name ?? common.unknown;
  const close = () => {
    unlink.reset();
    setUnlinked(undefined);
  };
  const unlinkNow = async () => {
    setHadAccounts(true);
    if (!unlinked || !(await unlink.run({ input: { identityId: unlinked.id } }))) return;
    tell(words.unlinked);
    close();
    onUnlinked?.();
  };
  const link = async (id: string) => {
    setPending(id);
    setProblem(await goTo(id, 'link', location.pathname));
    setPending(undefined);
  };
  if (error && !data) {
    return (
      <Panel title={words.accounts}>
        <Failure error={error} onRetry={reload} />
      </Panel>
    );
  }
  if (identities.length + providers.length === 0 && !hadAccounts) return null;
  return (
    <Panel title={words.accounts}>
      {own && <p className="note">{words.accountsText}</p>}
      {identities.length === 0 ? (
        <EmptyState>{words.noAccounts}</EmptyState>
      ) : (
        <Table
          label={words.accounts}
          rows={identities}
          keyOf={({ id }) => id}
          head={{ label: words.accounts, cell: nameOf }}
          columns={[
            { id: 'by', label: words.linkedBy, cell: ({ linkedBy }) => enums.identityLink[linkedBy] },
            { id: 'at', label: words.linkedAt, cell: ({ linkedAt }) => say.dateTime(linkedAt) },
            { id: 'used', label: words.lastUsed, cell: ({ lastUsedAt }) => say.ago(lastUsedAt) },
          ]}
          actions={(row) => (
            <Button aria-label={words.unlinkOf(nameOf(row))} onPress={() => setUnlinked(row)}>
              {words.unlink}
            </Button>
          )}
        />
      )}
      <Problems of={problem ? [problem] : []} />
      {isSecureContext && others.length > 0 && (
        <div className="actions">
          {others.map(({ id, name }) => (
            <Button key={id} pending={pending === id} onPress={() => void link(id)}>
              {words.link(name)}
            </Button>
          ))}
        </div>
      )}
      <Confirm
        title={unlinked ? (own ? words.unlinkTitle : words.unlinkFrom)(nameOf(unlinked)) : ''}
        isOpen={unlinked !== undefined}
        onClose={close}
        action={words.unlinkNow}
        onConfirm={() => void unlinkNow()}
        danger
        pending={unlink.pending}
        problems={unlink.problems}
      >
        <p>{words.unlinkText}</p>
      </Confirm>
    </Panel>
  );
}
