import { Link } from 'wouter';
import { useStore } from '../../lib/listeners';
import { type Upload, clearUploads, retryUpload, stopUpload, uploads } from '../../lib/uploads';
import { Button } from '../../kit/Button';
import { Icon } from '../../kit/Icon';
import { Panel } from '../../kit/Page';
import { Progress } from '../../kit/Progress';
import { type Texts, useSay, useTexts } from '../../texts';
import { useViewer } from '../../viewer';

function problemText({ problem }: Upload, { errors, files }: Texts): string {
  switch (problem?.code) {
    case 'OFFLINE':
      return errors.offline;
    case 'UNAUTHENTICATED':
      return files.signedOut;
    case 'FORBIDDEN':
      return errors.forbidden;
    case 'NOT_FOUND':
      return errors.notFound;
    case 'TOO_LARGE':
      return files.tooLarge;
    case 'STORAGE_FULL':
      return files.storageFull;
    case 'RATE_LIMITED':
      return problem.message || errors.retryIn(problem.seconds ?? 60);
    case 'INTERNAL':
      return errors.internal;
    default:
      return problem?.message || errors.unknown;
  }
}

/** What is being uploaded, here or into another folder. */
export function UploadList({ folderId }: { folderId: string }) {
  const { files } = useTexts();
  const { user } = useViewer();
  const mine = useStore(uploads).filter(({ ownerId }) => ownerId === user.id);
  if (mine.length === 0) return null;
  const going = mine.some(({ state }) => state === 'waiting' || state === 'sending');
  const done = mine.filter(({ state }) => state === 'done').length;
  return (
    <Panel
      title={files.uploads}
      actions={
        <>
          <span role="status" className="count">
            {files.uploaded(done, mine.length)}
          </span>
          {!going && <Button onPress={clearUploads}>{files.clearUploads}</Button>}
        </>
      }
    >
      <ul className="uploads">
        {mine.map((upload) => (
          <li key={upload.key}>
            <Line upload={upload} here={upload.folderId === folderId} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Line({ upload, here }: { upload: Upload; here: boolean }) {
  const texts = useTexts();
  const words = texts.files;
  const say = useSay();
  const { key, name, size, sent, state } = upload;
  const going = state === 'waiting' || state === 'sending';
  return (
    <>
      <span className="name">
        {name}
        {!here && (
          <small>
            {' '}
            <Link href={`/files/${upload.folderId}`}>{words.elsewhere}</Link>
          </small>
        )}
      </span>
      {state === 'sending' && (
        <Progress
          label={words.progressOf(name)}
          share={size > 0 ? sent / size : 0}
          text={words.sent(say.bytes(sent), say.bytes(size))}
        />
      )}
      <span className={state === 'failed' ? 'problem' : 'note'}>
        {state === 'failed' ? problemText(upload, texts) : words.uploadState[state]}
      </span>
      {going ? (
        <Button look="icon" aria-label={words.stop(name)} onPress={() => stopUpload(key)}>
          <Icon name="close" />
        </Button>
      ) : (
        state === 'failed' && (
          <Button onPress={() => retryUpload(key)}>
            {texts.common.tryAgain}
            <span className="hidden"> – {name}</span>
          </Button>
        )
      )}
    </>
  );
}
