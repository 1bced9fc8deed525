import { useEffect, useState } from 'react';
import { useStore } from '../../lib/listeners';
import { addUploads, uploads } from '../../lib/uploads';
import { useData, useList } from '../../lib/useData';
import { useDownload } from '../../lib/useDownload';
import { Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Page } from '../../kit/Page';
import { Skeleton } from '../../kit/Placeholder';
import { NotFound } from '../../shell/Nowhere';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { Breadcrumb } from './Breadcrumb';
import { type Doing, Doings } from './Doings';
import { DropZone } from './DropZone';
import { FilesTabs } from './FilesTabs';
import { Items } from './Items';
import { UploadButton } from './UploadButton';
import { UploadList } from './UploadList';
import { FolderDocument, ItemsDocument, atLeast, levelOf } from './documents';

interface FolderPageProps {
  id: string;
  /** The viewer's own drive, which is at `/files`. */
  mine?: boolean;
}

const NOTHING = { nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } };

/** A folder: what is in it, and what can be done with it. */
export function FolderPage({ id, mine = false }: FolderPageProps) {
  const { files } = useTexts();
  const { user, may } = useViewer();
  const head = useData(FolderDocument, { id });
  const list = useList(ItemsDocument, { id }, ({ node }) => (node?.__typename === 'Folder' ? node.items : NOTHING));
  const { download, problems, pending } = useDownload();
  const [doing, setDoing] = useState<Doing>();
  const arrived = useStore(uploads).filter(({ folderId, state }) => folderId === id && state === 'done').length;
  const { reload } = list;
  useEffect(() => {
    if (arrived > 0) reload();
  }, [arrived, reload]);

  const folder = head.data?.node?.__typename === 'Folder' ? head.data.node : undefined;
  if (head.data && !folder) return <NotFound />;
  const level = folder ? levelOf(folder, user.id, may('READ_WORK')) : 'READ';
  const isRoot = folder?.path === '/' && folder.parent === null;
  const own = mine || (isRoot && folder.owner.id === user.id);
  const title = own ? files.title : folder ? (isRoot ? files.driveOf(folder.owner.name) : folder.name) : files.title;
  const take = (chosen: File[]) => addUploads(user.id, id, chosen);

  return (
    <Page
      title={title}
      actions={
        folder && (
          <>
            {atLeast(level, 'FULL') && (
              <Button onPress={() => setDoing({ what: 'share' })}>{files.share}</Button>
            )}
            <Button pending={pending} onPress={() => void download(id)}>
              {files.downloadAll}
            </Button>
            {atLeast(level, 'ADD') && (
              <>
                <Button onPress={() => setDoing({ what: 'create' })}>{files.newFolder}</Button>
                <UploadButton onChoose={take} />
              </>
            )}
          </>
        )
      }
    >
      {own ? <FilesTabs /> : folder && <Breadcrumb folder={folder} />}
      {head.error && <Failure error={head.error} onRetry={head.reload} />}
      {head.loading && <Skeleton lines={2} />}
      <Problems of={problems} />
      <UploadList folderId={id} />
      {folder && (
        <DropZone enabled={atLeast(level, 'ADD')} onDrop={take}>
          <Items list={list} level={level} onDownload={(item) => void download(item)} onDo={setDoing} />
        </DropZone>
      )}
      {folder && <Doings folder={folder} doing={doing} onDone={() => setDoing(undefined)} />}
    </Page>
  );
}
