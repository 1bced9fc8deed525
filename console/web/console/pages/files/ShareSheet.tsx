import { useState } from 'react';
import { graphql } from '../../graphql';
import { useAction } from '../../lib/useAction';
import { useData } from '../../lib/useData';
import { Failure, Problems } from '../../kit/Alert';
import { Avatar } from '../../kit/Avatar';
import { Button } from '../../kit/Button';
import { Select } from '../../kit/Choices';
import { Dialog } from '../../kit/Dialog';
import { PersonPicker } from '../../kit/PersonPicker';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { StatusTag } from '../../kit/Tag';
import { useTexts } from '../../texts';
import { LEVELS, type ShareAccess, atLeast } from './documents';

const Shares = graphql(`
  query Shares($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Folder {
        name
        path
        owner {
          id
          name
        }
        shares {
          access
          user {
            id
            name
            status
          }
        }
        parent {
          id
          shares {
            access
            user {
              id
            }
          }
        }
      }
    }
  }
`);

const Share = graphql(`
  mutation Share($input: ShareFolderInput!) {
    shareFolder(input: $input) {
      folder {
        id
        shares {
          access
          user {
            id
            name
            status
          }
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

const Unshare = graphql(`
  mutation Unshare($input: UnshareFolderInput!) {
    unshareFolder(input: $input) {
      folder {
        id
        shares {
          access
          user {
            id
            name
            status
          }
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

/** Who has access to a folder. Open while there is one. */
export function ShareSheet({ folderId, onClose }: { folderId: string | null; onClose(): void }) {
  const { files } = useTexts();
  return (
    <Dialog title={files.shareTitle} isOpen={folderId !== null} onClose={onClose} sheet>
      {folderId && <Sharing folderId={folderId} />}
    </Dialog>
  );
}

function Sharing({ folderId }: { folderId: string }) {
  const { common, enums, files } = useTexts();
  const { data, error, loading, reload } = useData(Shares, { id: folderId });
  const share = useAction(Share);
  const unshare = useAction(Unshare);
  const [access, setAccess] = useState<ShareAccess>('READ');
  const [picking, setPicking] = useState(false);
  const [said, setSaid] = useState('');
  const folder = data?.node?.__typename === 'Folder' ? data.node : undefined;
  if (loading) return <Skeleton />;
  if (error) return <Failure error={error} onRetry={reload} />;
  if (!folder) return <EmptyState>{files.gone}</EmptyState>;

  const levels = LEVELS.map((level) => ({ value: level, label: enums.shareAccess[level] }));
  const give = async (people: { id: string; name: string }[], level: ShareAccess) => {
    const done = await share.run({ input: { folderId, with: people.map(({ id }) => id), access: level } });
    if (done) setSaid(files.sharedNow(people.map(({ name }) => name)));
  };
  const take = async (person: { id: string; name: string }) => {
    if (await unshare.run({ input: { folderId, with: [person.id] } })) setSaid(files.unshared(person.name));
  };
  return (
    <>
      <p>
        <strong>{folder.path === '/' ? files.driveOf(folder.owner.name) : folder.name}</strong>{' '}
        <small>{files.ownedBy(folder.owner.name)}</small>
      </p>
      <div className="share-new">
        <Select<ShareAccess> label={files.access} value={access} onChange={setAccess} options={levels} />
        <Button look="primary" pending={share.pending} onPress={() => setPicking(true)}>
          {files.shareWith}
        </Button>
      </div>
      <Problems of={[...share.problems, ...unshare.problems]} />
      <p role="status" className="note">
        {said}
      </p>
      {folder.shares.length === 0 && <EmptyState>{files.notShared}</EmptyState>}
      <ul className="shares" aria-label={files.sharedWith}>
        {folder.shares.map(({ user, access: level }) => {
          const above = folder.parent?.shares.find((one) => one.user.id === user.id)?.access;
          const inherited = above !== undefined && atLeast(above, level);
          return (
            <li key={user.id}>
              <Avatar name={user.name} />
              <span className="name">
                {user.name}
                {inherited && <small>{files.fromAbove}</small>}
                {user.status !== 'ACTIVE' && <StatusTag status={user.status} />}
              </span>
              {inherited ? (
                <span>{enums.shareAccess[level]}</span>
              ) : (
                <>
                  <Select
                    label={files.accessOf(user.name)}
                    hideLabel
                    value={level}
                    disabled={user.status !== 'ACTIVE'}
                    onChange={(next) => void give([user], next)}
                    options={levels.filter(({ value }) => !above || atLeast(value, above))}
                  />
                  <Button pending={unshare.pending} aria-label={common.removeName(user.name)} onPress={() => void take(user)}>
                    {common.remove}
                  </Button>
                </>
              )}
            </li>
          );
        })}
      </ul>
      <PersonPicker
        title={files.shareWith}
        isOpen={picking}
        onClose={() => setPicking(false)}
        several
        except={[folder.owner.id]}
        onPick={(people) => void give(people, access)}
      />
    </>
  );
}
