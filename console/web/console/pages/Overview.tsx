import { useState } from 'react';
import { Link } from 'wouter';
import { graphql } from '../graphql';
import { Failure } from '../kit/Alert';
import { Button, LinkButton } from '../kit/Button';
import { Table } from '../kit/DataTable';
import { Page, Panel } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { useData } from '../lib/useData';
import { useSay, useTexts } from '../texts';
import { useViewer } from '../viewer';
import { type Bar, Bars } from './overview/Bars';

const Numbers = graphql(`
  query Numbers($mayDismiss: Boolean!) {
    left: users(first: 1, filter: { dismissed: true }) {
      totalCount
    }
    holding: users(
      first: 5
      filter: { dismissed: true, holdsWork: true }
      orderBy: { field: DISMISSED_AT, direction: DESC }
    ) {
      totalCount
      nodes {
        id
        name
        position
        dismissal {
          id
          effectiveAt
        }
        work {
          lines {
            kind
            open
          }
        }
      }
    }
    running: handovers(first: 1, filter: { state: [QUEUED, RUNNING] }) {
      totalCount
    }
    failed: handovers(first: 1, filter: { hasFailures: true }) {
      totalCount
    }
    scheduled: users(first: 1, filter: { dismissalScheduled: true }) @include(if: $mayDismiss) {
      totalCount
    }
  }
`);

const OpenWork = graphql(`
  query OpenWork {
    workOverview(groupBy: DEPARTMENT) {
      department {
        id
        name
      }
      heldByActive
      heldByDismissed
      unassigned
    }
  }
`);

export default function Overview() {
  const texts = useTexts();
  const words = texts.overview;
  const say = useSay();
  const { may } = useViewer();
  const [asTable, setAsTable] = useState(false);
  const numbers = useData(Numbers, { mayDismiss: may('DISMISS_USERS') });
  const open = useData(OpenWork, {});

  const bars = open.data?.workOverview.map(
    ({ department, heldByDismissed, heldByActive, unassigned }): Bar => ({
      id: department?.id ?? '',
      name: department?.name ?? words.noDepartment,
      left: heldByDismissed,
      here: heldByActive,
      nobody: unassigned,
    }),
  );
  const sum = (of: (bar: Bar) => number) => bars?.reduce((total, bar) => total + of(bar), 0);
  const shown = (count: number | undefined) => (count === undefined ? '–' : say.number(count));
  const { data } = numbers;
  const unassigned = sum(({ nobody }) => nobody);
  const cards = [
    { href: '/people?show=left&work=held', count: sum(({ left }) => left), label: words.openWithLeft },
    {
      href: '/people?show=left&work=held',
      count: data?.holding.totalCount,
      label: words.stillHolding(data?.left.totalCount ?? 0),
    },
    ...(unassigned ? [{ href: '/work/crm?holder=none', count: unassigned, label: words.unassigned }] : []),
    { href: '/handovers?state=running', count: data?.running.totalCount, label: words.running },
    { href: '/handovers?state=failed', count: data?.failed.totalCount, label: words.failed },
    ...(may('DISMISS_USERS')
      ? [{ href: '/dismissals?state=scheduled', count: data?.scheduled?.totalCount, label: words.scheduled }]
      : []),
  ];
  return (
    <Page title={words.title}>
      <ul className="cards" aria-label={words.numbers}>
        {cards.map(({ href, count, label }) => (
          <li key={label}>
            <Link href={href}>
              <b>{shown(count)}</b> <span>{label}</span>
            </Link>
          </li>
        ))}
      </ul>
      {numbers.error && <Failure error={numbers.error} onRetry={numbers.reload} />}
      <Panel
        title={words.where}
        actions={
          <Button look="quiet" onPress={() => setAsTable(!asTable)}>
            {asTable ? texts.common.showAsPicture : texts.common.showAsTable}
          </Button>
        }
      >
        {open.error && <Failure error={open.error} onRetry={open.reload} />}
        {open.loading && <Skeleton lines={10} />}
        {bars && bars.length === 0 && <EmptyState>{words.nothingOpen}</EmptyState>}
        {bars && bars.length > 0 && (asTable ? <AsTable bars={bars} /> : <Bars bars={bars} />)}
      </Panel>
      <Panel
        title={words.holders}
        actions={
          data &&
          data.holding.totalCount > 0 && (
            <Link href="/people?show=left&work=held">{words.allHolders(data.holding.totalCount)}</Link>
          )
        }
      >
        {numbers.loading && <Skeleton />}
        {data?.holding.totalCount === 0 && <EmptyState>{words.noHolders}</EmptyState>}
        {data && data.holding.totalCount > 0 && (
          <Table
            label={words.holders}
            rows={data.holding.nodes}
            keyOf={({ id }) => id}
            head={{
              label: texts.common.name,
              cell: ({ id, name, position }) => (
                <>
                  <Link href={`/people/${id}`}>{name}</Link>
                  <small>{position}</small>
                </>
              ),
            }}
            columns={[
              {
                id: 'left',
                label: words.left,
                cell: ({ dismissal }) => dismissal && say.date(dismissal.effectiveAt),
              },
              {
                id: 'open',
                label: words.openItems,
                numeric: true,
                cell: ({ work }) => say.number((work?.lines ?? []).reduce((total, line) => total + line.open, 0)),
              },
            ]}
            actions={({ id, name }) => (
              <LinkButton href={`/people/${id}/hand-over`}>
                {words.handOver}
                <span className="hidden"> – {words.handOverOf(name)}</span>
              </LinkButton>
            )}
          />
        )}
      </Panel>
    </Page>
  );
}

function AsTable({ bars }: { bars: Bar[] }) {
  const texts = useTexts();
  const words = texts.overview;
  const say = useSay();
  return (
    <Table
      label={words.where}
      rows={bars}
      keyOf={({ id }) => id}
      head={{ label: texts.common.department, cell: ({ name }) => name }}
      columns={[
        { id: 'left', label: words.withLeft, numeric: true, cell: ({ left }) => say.number(left) },
        { id: 'here', label: words.withHere, numeric: true, cell: ({ here }) => say.number(here) },
        { id: 'nobody', label: words.withNobody, numeric: true, cell: ({ nobody }) => say.number(nobody) },
      ]}
    />
  );
}
