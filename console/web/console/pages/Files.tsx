import { useData } from '../lib/useData';
import { Failure } from '../kit/Alert';
import { Page } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { NotFound } from '../shell/Nowhere';
import { useTexts } from '../texts';
import { FolderPage } from './files/FolderPage';
import { FilesTabs } from './files/FilesTabs';
import { MyDrive } from './files/documents';

/** The viewer's own files, or a folder that is named in the address. */
export default function Files({ id }: { id?: string }) {
  return id ? <FolderPage id={id} /> : <Mine />;
}

function Mine() {
  const { files } = useTexts();
  const { data, error, loading, reload } = useData(MyDrive, {});
  const id = data?.viewer.user?.drive?.id;
  if (id) return <FolderPage id={id} mine />;
  if (data) return <NotFound />;
  return (
    <Page title={files.title}>
      <FilesTabs />
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton />}
    </Page>
  );
}
