import { Link } from 'wouter';
import { graphql } from '../graphql';
import { Select } from '../kit/Choices';
import { DataTable } from '../kit/DataTable';
import { Field } from '../kit/Field';
import { FilterBar } from '../kit/FilterBar';
import { Page } from '../kit/Page';
import { PersonFilter } from '../kit/PersonFilter';
import { HandoverTag, Tag } from '../kit/Tag';
import { useList } from '../lib/useData';
import { useUrlState } from '../lib/useUrlState';
import { useSay, useTexts } from '../texts';
import { HANDOVERS, STATES, handoverFilter } from './handovers/filter';
import { titleOf } from './handovers/title';

const HandoversDocument = graphql(`
  query Handovers($filter: HandoverFilter!, $first: Int!, $after: String) {
    handovers(filter: $filter, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        state
        createdAt
        moved
        skipped
        failed
        total
        from {
          id
          name
        }
        requestedBy {
          id
          name
        }
        undoes {
          id
        }
        undoneBy {
          id
        }
      }
    }
  }
`);

export default function Handovers() {
  const texts = useTexts();
  const words = texts.handovers;
  const say = useSay();
  const { values, set, clear, changed } = useUrlState(HANDOVERS);
  const list = useList(HandoversDocument, { filter: handoverFilter(values) }, ({ handovers }) => handovers);
  return (
    <Page title={words.title}>
      <FilterBar changed={changed} onClear={clear}>
        <Select
          label={words.state}
          hideLabel
          value={values.state}
          onChange={(state) => set({ state })}
          options={STATES.map((state) => ({ value: state, label: words.states[state] }))}
        />
        <PersonFilter label={words.from} none={words.anybody} value={values.from} onChange={(from) => set({ from })} />
        <PersonFilter label={words.to} none={words.anybody} value={values.to} onChange={(to) => set({ to })} />
        <PersonFilter label={words.by} none={words.anybody} value={values.by} onChange={(by) => set({ by })} />
        <Field label={words.since} type="date" value={values.since} onChange={(since) => set({ since })} />
        <Field label={words.until} type="date" value={values.until} onChange={(until) => set({ until })} />
      </FilterBar>
      <DataTable
        label={words.title}
        list={list}
        count={words.count}
        keyOf={({ id }) => id}
        empty={changed ? words.nothing : words.nothingYet}
        head={{
          label: words.what,
          cell: (handover) => (
            <>
              <Link href={`/handovers/${handover.id}`}>{titleOf(handover, texts)}</Link>
              <small>
                <time dateTime={handover.createdAt}>{say.dateTime(handover.createdAt)}</time>
              </small>
            </>
          ),
        }}
        columns={[
          {
            id: 'state',
            label: words.state,
            cell: ({ state, undoneBy }) => (
              <span className="tags">
                <HandoverTag state={state} />
                {undoneBy && <Tag>{words.wasUndone}</Tag>}
              </span>
            ),
          },
          {
            id: 'result',
            label: words.result,
            cell: ({ moved, total, skipped, failed }) => (
              <span className="outcome">
                {words.counts(moved, total)}
                {skipped > 0 && <small>{words.skipped(skipped)}</small>}
                {failed > 0 && <small className="problem">{words.failed(failed)}</small>}
              </span>
            ),
          },
          {
            id: 'by',
            label: words.by,
            cell: ({ requestedBy }) => <Link href={`/people/${requestedBy.id}`}>{requestedBy.name}</Link>,
          },
        ]}
      />
    </Page>
  );
}
