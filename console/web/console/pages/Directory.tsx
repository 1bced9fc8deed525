import { useState } from 'react';
import { useLocation } from 'wouter';
import { codeOf } from '../lib/errors';
import { useAction } from '../lib/useAction';
import { useData } from '../lib/useData';
import { Alert, Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { Confirm } from '../kit/Confirm';
import { CopyField } from '../kit/CopyField';
import { Facts, Page, Panel } from '../kit/Page';
import { Skeleton } from '../kit/Placeholder';
import { tell } from '../kit/Status';
import { NotFound } from '../shell/Nowhere';
import { useSay, useTexts } from '../texts';
import { Groups } from './directories/Groups';
import { PolicyForm } from './directories/PolicyForm';
import { Preview } from './directories/Preview';
import { RefusedRequests } from './directories/RefusedRequests';
import { Rules } from './directories/Rules';
import { Setup } from './directories/Setup';
import { type DirectoryData, DirectoryDocument, EndDirectory, ReleaseHandovers } from './directories/documents';
import { Secrets } from './settings/Secrets';

const ABOVE = '/directories';

export default function Directory({ id }: { id: string }) {
  const { directories: words } = useTexts();
  const { data, error, loading, reload } = useData(DirectoryDocument, { id });
  const gone = error && ['NOT_FOUND', 'BAD_USER_INPUT'].includes(codeOf(error) ?? '');
  // One that has ended is still an object, but no directory any more.
  const ended = data?.directories && !data.directories.some((one) => one.id === id);
  if (gone || ended || (data && data.node?.__typename !== 'Directory')) return <NotFound />;
  if (data?.node?.__typename === 'Directory') return <Content directory={data.node} reload={reload} />;
  return (
    <Page title={words.one} above={{ href: ABOVE, label: words.title }}>
      {loading && <Skeleton lines={8} />}
      {error && <Failure error={error} onRetry={reload} />}
    </Page>
  );
}

function Content({ directory, reload }: { directory: DirectoryData; reload(): void }) {
  const { directories: words } = useTexts();
  const say = useSay();
  const [, go] = useLocation();
  const [open, setOpen] = useState<'secrets' | 'release' | 'end'>();
  const release = useAction(ReleaseHandovers);
  const end = useAction(EndDirectory);
  const { id, name, linked, unlinked, held, lastRequestAt, integration, ignoredAttributes } = directory;
  const warnings = [...directory.warnings, ...integration.warnings];
  const close = () => {
    release.reset();
    end.reset();
    setOpen(undefined);
  };
  const releaseNow = async () => {
    if (!(await release.run({ input: { directoryId: id } }))) return;
    tell(words.released);
    close();
  };
  const endNow = async () => {
    if (!(await end.run({ input: { directoryId: id } }))) return;
    tell(words.ended(name));
    go(ABOVE);
  };
  return (
    <Page
      title={name}
      above={{ href: ABOVE, label: words.title }}
      actions={
        <>
          <Button onPress={() => setOpen('secrets')}>{words.secrets}</Button>
          <Button look="danger" onPress={() => setOpen('end')}>
            {words.end}
          </Button>
        </>
      }
    >
      {held > 0 && (
        <Alert
          title={words.heldTitle(held)}
          action={<Button onPress={() => setOpen('release')}>{words.release}</Button>}
        >
          {words.heldText}
        </Alert>
      )}
      {warnings.length > 0 && (
        <Alert title={words.countWarnings(warnings.length)}>
          <ul>
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      )}
      <Panel title={words.one}>
        <Facts
          of={[
            [words.linked, say.number(linked)],
            [
              words.unlinked,
              <>
                {say.number(unlinked)} <small className="below">{words.unlinkedText}</small>
              </>,
            ],
            [words.lastRequest, lastRequestAt ? say.ago(lastRequestAt) : words.never],
          ]}
        />
        <CopyField label={words.baseUrl} value={directory.baseUrl} />
      </Panel>
      <Rules directory={directory} />
      <PolicyForm saved={directory} />
      <Groups directoryId={id} />
      <RefusedRequests directoryId={id} />
      {ignoredAttributes.length > 0 && (
        <Panel title={words.ignored}>
          <p className="note">{words.ignoredText}</p>
          <ul className="tags">
            {ignoredAttributes.map((attribute) => (
              <li key={attribute}>
                <code>{attribute}</code>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel title={words.setup}>
        <Setup name={name} />
      </Panel>
      <Preview directoryId={id} />
      <Secrets integration={open === 'secrets' ? integration : undefined} onClose={close} onChanged={reload} />
      <Confirm
        title={words.releaseTitle(held)}
        isOpen={open === 'release'}
        onClose={close}
        action={words.releaseNow}
        onConfirm={() => void releaseNow()}
        pending={release.pending}
        problems={release.problems}
      >
        <p>{words.releaseText}</p>
      </Confirm>
      <Confirm
        title={words.endTitle(name)}
        isOpen={open === 'end'}
        onClose={close}
        action={words.endNow}
        onConfirm={() => void endNow()}
        danger
        pending={end.pending}
        problems={end.problems}
      >
        <p>{words.endText(linked)}</p>
        <p>{words.endIntegration}</p>
      </Confirm>
    </Page>
  );
}
