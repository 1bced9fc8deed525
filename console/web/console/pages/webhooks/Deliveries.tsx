import { useState } from 'react';
import { useAction } from '../../lib/useAction';
import { useList } from '../../lib/useData';
import { oneOf, useUrlState } from '../../lib/useUrlState';
import { Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Select } from '../../kit/Choices';
import { DataTable } from '../../kit/DataTable';
import { FilterBar } from '../../kit/FilterBar';
import { Panel } from '../../kit/Page';
import { tell } from '../../kit/Status';
import { useSay, useTexts } from '../../texts';
import { Attempts } from './Attempts';
import { RedeliverSome } from './RedeliverSome';
import { DeliveryState, Result } from './State';
import { DeliveriesDocument, type Delivery, Redeliver, type Webhook, isSending } from './documents';
import { useProgress } from './useProgress';

const NONE = { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
const STATES = ['ALL', 'PENDING', 'DELIVERED', 'FAILED', 'HELD'] as const;
const FILTER = { state: oneOf(...STATES) };

/** What was sent, and what became of it. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const { common, enums, webhooks: words } = useTexts();
  const say = useSay();
  const { values, set, clear, changed } = useUrlState(FILTER);
  const state = values.state === 'ALL' ? null : [values.state];
  const list = useList(DeliveriesDocument, { id: webhook.id, state }, ({ node }) =>
    node?.__typename === 'Webhook' ? node.deliveries : NONE,
  );
  const [opened, setOpened] = useState<Delivery>();
  const [several, setSeveral] = useState(false);
  const { run, problems } = useAction(Redeliver);
  useProgress(webhook.id, list.rows);
  const canSend = isSending(webhook);
  const again = async (id: string) => {
    if (await run({ input: { webhookId: webhook.id, deliveryId: id } })) tell(words.redeliveringOne);
  };
  return (
    <Panel
      title={words.deliveries}
      actions={canSend && <Button onPress={() => setSeveral(true)}>{words.redeliverSome}</Button>}
    >
      <FilterBar changed={changed} onClear={clear}>
        <Select
          label={words.state}
          value={values.state}
          onChange={(next) => set({ state: next })}
          options={STATES.map((value) => ({
            value,
            label: value === 'ALL' ? words.anyState : enums.webhookDeliveryState[value],
          }))}
        />
      </FilterBar>
      <Problems of={problems} />
      <DataTable
        label={words.deliveries}
        list={list}
        count={words.countDeliveries}
        keyOf={({ id }) => id}
        empty={state ? common.nothingFits : words.noDeliveries}
        head={{
          label: words.event,
          cell: (row) => (
            <Button look="link" onPress={() => setOpened(row)}>
              {enums.webhookEvent[row.event]}
              <span className="hidden"> – {say.dateTime(row.createdAt)}</span>
            </Button>
          ),
        }}
        columns={[
          { id: 'created', label: words.created, cell: ({ createdAt }) => say.dateTime(createdAt) },
          { id: 'state', label: words.state, cell: (row) => <DeliveryState of={row} /> },
          { id: 'attempts', label: words.attempts, numeric: true, cell: ({ attempts }) => say.number(attempts) },
          {
            id: 'result',
            label: words.result,
            cell: ({ lastStatus, lastFailure }) => <Result status={lastStatus} failure={lastFailure} />,
          },
        ]}
        actions={({ id, event, createdAt }) =>
          canSend && (
            <Button
              aria-label={words.redeliverOne(enums.webhookEvent[event], say.dateTime(createdAt))}
              onPress={() => void again(id)}
            >
              {words.redeliver}
            </Button>
          )
        }
      />
      <Attempts delivery={opened} onClose={() => setOpened(undefined)} />
      <RedeliverSome webhook={webhook} isOpen={several} onClose={() => setSeveral(false)} />
    </Panel>
  );
}
