import { useData } from '../../lib/useData';
import { Failure } from '../../kit/Alert';
import { Table } from '../../kit/DataTable';
import { Dialog } from '../../kit/Dialog';
import { Facts } from '../../kit/Page';
import { EmptyState, Skeleton } from '../../kit/Placeholder';
import { useSay, useTexts } from '../../texts';
import { DeliveryState, Result } from './State';
import { AttemptsDocument, type Delivery } from './documents';

interface AttemptsProps {
  /** Open while there is one. */
  delivery: Delivery | undefined;
  onClose(): void;
}

/** The attempts of a delivery: when, how long, and what came of each. */
export function Attempts({ delivery, onClose }: AttemptsProps) {
  const { enums } = useTexts();
  return (
    <Dialog
      title={delivery ? enums.webhookEvent[delivery.event] : ''}
      isOpen={delivery !== undefined}
      onClose={onClose}
      sheet
    >
      {delivery && <Content id={delivery.id} />}
    </Dialog>
  );
}

function Content({ id }: { id: string }) {
  const { webhooks: words } = useTexts();
  const say = useSay();
  const { data, error, loading, reload } = useData(AttemptsDocument, { id });
  const delivery = data?.node?.__typename === 'WebhookDelivery' ? data.node : undefined;
  return (
    <div className="list">
      {error && <Failure error={error} onRetry={reload} />}
      {loading && <Skeleton />}
      {delivery && (
        <>
          <Facts
            of={[
              [words.deliveryId, <code key="id">{delivery.id}</code>],
              [words.created, say.dateTime(delivery.createdAt)],
              [words.state, <DeliveryState key="state" of={delivery} />],
            ]}
          />
          {delivery.attemptLog.length === 0 ? (
            <EmptyState>{words.noAttempts}</EmptyState>
          ) : (
            <Table
              label={words.attempts}
              rows={delivery.attemptLog}
              keyOf={({ at }) => at}
              head={{ label: words.time, cell: ({ at }) => <time dateTime={at}>{say.exactly(at)}</time> }}
              columns={[
                {
                  id: 'took',
                  label: words.took,
                  numeric: true,
                  cell: ({ milliseconds }) => words.milliseconds(milliseconds),
                },
                {
                  id: 'result',
                  label: words.outcome,
                  cell: ({ status, failure }) => <Result status={status} failure={failure} />,
                },
              ]}
            />
          )}
        </>
      )}
    </div>
  );
}
