import { LinkButton } from '../../kit/Button';
import { useList } from '../../lib/useData';
import { useTexts } from '../../texts';
import { LogDocument } from '../audit/documents';
import { Log } from '../audit/Log';

/** What has happened to somebody, from the audit log. */
export function History({ userId }: { userId: string }) {
  const words = useTexts().person;
  const list = useList(LogDocument, { filter: { subjectId: userId } }, ({ auditLog }) => auditLog);
  return (
    <>
      <Log list={list} empty={words.noHistory} />
      <div className="actions">
        <LinkButton href={`/audit?about=${userId}`}>{words.toAudit}</LinkButton>
      </div>
    </>
  );
}
