import { useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import type { ResultOf } from '../../graphql';
import { Failure } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Select } from '../../kit/Choices';
import { Field } from '../../kit/Field';
import { Panel } from '../../kit/Page';
import { useTexts } from '../../texts';
import { PreviewDocument } from './documents';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Answer = ResultOf<typeof PreviewDocument>['previewDirectoryRequest'];

/** What a request would be answered. */
export function Preview({ directoryId }: { directoryId: string }) {
  const { directories: words } = useTexts();
  const client = useClient();
  const [method, setMethod] = useState<(typeof METHODS)[number]>('GET');
  const [path, setPath] = useState('/Users');
  const [body, setBody] = useState('');
  const [pending, setPending] = useState(false);
  const [answer, setAnswer] = useState<Answer>();
  const [error, setError] = useState<CombinedError>();
  const takesBody = method !== 'GET' && method !== 'DELETE';
  const send = async () => {
    setPending(true);
    const variables = { directoryId, method, path: path.trim(), body: takesBody ? body : null };
    const result = await client.query(PreviewDocument, variables, { requestPolicy: 'network-only' }).toPromise();
    setPending(false);
    setAnswer(result.data?.previewDirectoryRequest);
    setError(result.error);
  };
  return (
    <Panel title={words.preview}>
      <form
        className="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p className="note">{words.previewText}</p>
        <Select
          label={words.method}
          value={method}
          onChange={(next) => setMethod(next)}
          options={METHODS.map((value) => ({ value, label: value }))}
        />
        <Field label={words.path} hint={words.pathHint} value={path} onChange={setPath} autoComplete="off" required />
        {takesBody && <Field label={words.body} value={body} onChange={setBody} lines={6} />}
        <div className="actions">
          <Button submit pending={pending}>
            {words.send}
          </Button>
        </div>
      </form>
      {error && <Failure error={error} onRetry={() => void send()} />}
      <div role="status">{answer && <strong>{words.answered(answer.status)}</strong>}</div>
      {answer && (answer.body ? <pre tabIndex={0}>{pretty(answer.body)}</pre> : <p className="note">{words.emptyBody}</p>)}
    </Panel>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
