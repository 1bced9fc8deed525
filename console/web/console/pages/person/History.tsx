import { Link } from 'wouter';
import { graphql } from '../../graphql';
import { LinkButton } from '../../kit/Button';
import { DataTable } from '../../kit/DataTable';
import { useList } from '../../lib/useData';
import { useSay, useTexts } from '../../texts';

const HistoryDocument = graphql(`
  query HistoryOfPerson($id: ID!, $first: Int!, $after: String) {
    auditLog(filter: { subjectId: $id }, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        at
        action
        actor
        actorUser {
          id
          name
        }
        changes {
          field
          before
          after
        }
      }
    }
  }
`);

/** What has happened to somebody, from the audit log. */
export function History({ userId }: { userId: string }) {
  const texts = useTexts();
  const words = texts.person;
  const say = useSay();
  const list = useList(HistoryDocument, { id: userId }, ({ auditLog }) => auditLog);
  const actions: Record<string, string> = texts.audit.actions;
  const fields: Record<string, string> = words.fields;
  const happened = (action: string) => actions[action]?.replace('{}', words.thisPerson) ?? action;
  return (
    <>
      <DataTable
        label={words.history}
        list={list}
        count={words.entries}
        keyOf={({ id }) => id}
        empty={words.noHistory}
        head={{
          label: words.what,
          cell: ({ action, actor, actorUser, changes }) => (
            <>
              {actorUser ? <Link href={`/people/${actorUser.id}`}>{actorUser.name}</Link> : actor} {happened(action)}
              {changes.map(({ field, before, after }) => (
                <small key={field}>
                  {words.change(fields[field] ?? field, before ?? words.missing, after ?? words.missing)}
                </small>
              ))}
            </>
          ),
        }}
        columns={[{ id: 'at', label: words.when, cell: ({ at }) => say.dateTime(at) }]}
      />
      <div className="actions">
        <LinkButton href={`/audit?about=${userId}`}>{words.toAudit}</LinkButton>
      </div>
    </>
  );
}
