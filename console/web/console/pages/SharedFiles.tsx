import { Link } from 'wouter';
import { graphql } from '../graphql';
import { useList } from '../lib/useData';
import { useDownload } from '../lib/useDownload';
import { Problems } from '../kit/Alert';
import { Button } from '../kit/Button';
import { DataTable } from '../kit/DataTable';
import { Icon } from '../kit/Icon';
import { Page } from '../kit/Page';
import { useSay, useTexts } from '../texts';
import { useViewer } from '../viewer';
import { FilesTabs } from './files/FilesTabs';

const SharedDocument = graphql(`
  query SharedItems($first: Int!, $after: String) {
    viewer {
      sharedFolders(first: $first, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          __typename
          id
          name
          modifiedAt
          owner {
            id
            name
          }
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

/** Folders of others, and what is the viewer's own in folders that they may not see. */
export default function SharedFiles() {
  const texts = useTexts();
  const words = texts.files;
  const say = useSay();
  const { user } = useViewer();
  const list = useList(SharedDocument, {}, ({ viewer }) => viewer.sharedFolders);
  const { download, problems } = useDownload();
  return (
    <Page title={words.sharedTitle}>
      <FilesTabs />
      <Problems of={problems} />
      <DataTable
        label={words.sharedTitle}
        list={list}
        count={words.count}
        keyOf={({ id }) => id}
        empty={words.nothingShared}
        head={{
          label: texts.common.name,
          cell: (item) => (
            <span className="item-name">
              <Icon name={item.__typename === 'Folder' ? 'files' : 'file'} />
              {item.__typename === 'Folder' ? (
                <Link href={`/files/${item.id}`}>{item.name}</Link>
              ) : (
                <span>{item.name}</span>
              )}
            </span>
          ),
        }}
        columns={[
          { id: 'owner', label: words.owner, cell: ({ owner }) => owner.name },
          {
            id: 'access',
            label: words.access,
            cell: ({ owner, shares }) => {
              const access = shares.find((share) => share.user.id === user.id)?.access;
              if (owner.id === user.id) return words.yours;
              return access ? texts.enums.shareAccess[access] : null;
            },
          },
          { id: 'modified', label: words.modified, cell: ({ modifiedAt }) => say.date(modifiedAt) },
        ]}
        actions={(item) => (
          <Button aria-label={words.downloadName(item.name)} onPress={() => void download(item.id)}>
            {words.download}
          </Button>
        )}
      />
    </Page>
  );
}
