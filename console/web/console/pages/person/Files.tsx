import { Link } from 'wouter';
import { graphql } from '../../graphql';
import { Failure } from '../../kit/Alert';
import { LinkButton } from '../../kit/Button';
import { DataTable } from '../../kit/DataTable';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { useData, useList } from '../../lib/useData';
import { useSay, useTexts } from '../../texts';

const DriveDocument = graphql(`
  query DriveOfPerson($id: ID!) {
    user(id: $id) {
      id
      drive {
        id
      }
    }
  }
`);

const TopDocument = graphql(`
  query TopOfDrive($folder: ID!, $first: Int!, $after: String) {
    node(id: $folder) {
      __typename
      id
      ... on Folder {
        items(first: $first, after: $after) {
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
            ... on File {
              size
            }
          }
        }
      }
    }
  }
`);

/** The top of somebody's drive; folders open in the pages for files. */
export function PersonFiles({ userId }: { userId: string }) {
  const words = useTexts().person;
  const { data, error, loading, reload } = useData(DriveDocument, { id: userId });
  const drive = data?.user?.drive;
  if (loading) return <Skeleton />;
  if (error && !data?.user) return <Failure error={error} onRetry={reload} />;
  if (!drive) return <EmptyState>{words.noDrive}</EmptyState>;
  return <Top folder={drive.id} />;
}

const NOTHING = { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

function Top({ folder }: { folder: string }) {
  const texts = useTexts();
  const words = texts.person;
  const say = useSay();
  const list = useList(TopDocument, { folder }, ({ node }) => (node?.__typename === 'Folder' ? node.items : NOTHING));
  return (
    <>
      <div className="actions">
        <LinkButton href={`/files/${folder}`}>{words.openDrive}</LinkButton>
      </div>
      <DataTable
        label={words.files}
        list={list}
        count={texts.common.items}
        keyOf={({ id }) => id}
        empty={words.emptyDrive}
        head={{
          label: texts.common.name,
          cell: ({ __typename, id, name }) =>
            __typename === 'Folder' ? <Link href={`/files/${id}`}>{name}</Link> : name,
        }}
        columns={[
          {
            id: 'kind',
            label: words.kind,
            cell: ({ __typename }) => (__typename === 'Folder' ? words.folder : words.file),
          },
          { id: 'modified', label: words.modified, cell: ({ modifiedAt }) => say.date(modifiedAt) },
          {
            id: 'size',
            label: words.size,
            numeric: true,
            cell: (item) => (item.__typename === 'File' ? say.bytes(item.size) : null),
          },
        ]}
      />
    </>
  );
}
