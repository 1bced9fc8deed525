import { Failure } from '../kit/Alert';
import { Button, LinkButton } from '../kit/Button';
import { Page } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { isOver } from '../lib/handovers';
import { useData } from '../lib/useData';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { HandoverReport } from './handover/HandoverReport';
import { About, AboutDocument } from './handovers/About';
import { Ledger } from './handovers/Ledger';
import { titleOf } from './handovers/title';

export default function HandoverDetails({ id = '' }: { id?: string }) {
  const texts = useTexts();
  const words = texts.handovers;
  const { may } = useViewer();
  const { data, error, loading, reload } = useData(AboutDocument, { id });
  const handover = data?.node?.__typename === 'Handover' ? data.node : undefined;
  const over = handover && isOver(handover.state);
  const kinds = [...new Set(handover?.lines.map(({ kind }) => kind))];
  return (
    <Page
      title={handover ? titleOf(handover, texts) : words.handover}
      above={{ href: '/handovers', label: words.title }}
      actions={handover && over && <Button onPress={() => print()}>{words.print}</Button>}
    >
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton lines={8} />}
      {data && !handover && <EmptyState>{words.notThere}</EmptyState>}
      {handover && (
        <>
          <HandoverReport id={id}>
            {handover.from?.status === 'DISMISSED' && may('HIRE_USERS') && (
              <LinkButton href={`/people/${handover.from.id}/hire`}>{words.hireBack}</LinkButton>
            )}
          </HandoverReport>
          <About handover={handover} />
          {over && <Ledger id={id} kinds={kinds} />}
        </>
      )}
    </Page>
  );
}
