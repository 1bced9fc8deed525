import { useState } from 'react';
import { type Enum, type ResultOf, graphql } from '../../graphql';
import { DataTable } from '../../kit/DataTable';
import { useList } from '../../lib/useData';
import { useTexts } from '../../texts';

const EntriesDocument = graphql(`
  query HandoverItems($id: ID!, $outcome: HandoverOutcome!, $first: Int!, $after: String) {
    node(id: $id) {
      __typename
      id
      ... on Handover {
        entries(outcome: $outcome, first: $first, after: $after) {
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            kind
            reason
            to {
              id
              name
            }
            subject {
              __typename
              id
              ... on Task {
                title
              }
              ... on TaskTemplate {
                title
              }
              ... on CrmItem {
                title
              }
              ... on CrmActivity {
                subject
              }
              ... on File {
                name
              }
              ... on Folder {
                name
              }
              ... on Calendar {
                name
              }
              ... on Event {
                title
              }
              ... on Department {
                name
              }
              ... on Integration {
                name
              }
            }
          }
        }
      }
    }
  }
`);

type Node = NonNullable<ResultOf<typeof EntriesDocument>['node']>;
type Entry = Extract<Node, { __typename: 'Handover' }>['entries']['nodes'][number];

const NONE = { nodes: [] as Entry[], pageInfo: { hasNextPage: false, endCursor: null } };

function titleOf({ subject }: Entry): string | null {
  if (!subject) return null;
  if ('title' in subject) return subject.title;
  if ('name' in subject) return subject.name;
  return 'subject' in subject ? subject.subject : null;
}

interface ItemsProps {
  id: string;
  outcome: Exclude<Enum<'HandoverOutcome'>, 'MOVED'>;
  count: number;
}

/** The items that did not move, with the reasons in words; read when they are opened. */
export function ItemsOf({ id, outcome, count }: ItemsProps) {
  const words = useTexts().moving;
  const [open, setOpen] = useState(outcome === 'FAILED');
  if (count === 0) return null;
  return (
    <details className="items-of" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{outcome === 'FAILED' ? words.failedItems(count) : words.skippedItems(count)}</summary>
      {open && <Items id={id} outcome={outcome} label={words.items[outcome]} />}
    </details>
  );
}

function Items({ id, outcome, label }: { id: string; outcome: ItemsProps['outcome']; label: string }) {
  const texts = useTexts();
  const words = texts.moving;
  const list = useList(EntriesDocument, { id, outcome }, ({ node }) =>
    node?.__typename === 'Handover' ? node.entries : NONE,
  );
  const reasons: Record<string, string> = texts.enums.ledgerReason;
  return (
    <DataTable
      label={label}
      list={list}
      keyOf={(entry) => entry.id}
      empty={words.noItems}
      head={{
        label: words.item,
        cell: (entry) => (
          <>
            {titleOf(entry) ?? words.unseen}
            <small>{texts.enums.workKind[entry.kind]}</small>
          </>
        ),
      }}
      columns={[
        { id: 'to', label: words.recipient, cell: ({ to }) => to?.name },
        { id: 'why', label: words.reason, cell: ({ reason }) => reason && (reasons[reason] ?? reason) },
      ]}
    />
  );
}
