import { useState } from 'react';
import { Alert } from '../../kit/Alert';
import { Button, LinkButton } from '../../kit/Button';
import { Facts } from '../../kit/Page';
import { forgetDraft, readDraft } from '../../lib/drafts';
import { useMoment } from '../../lib/moment';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { HandoverReport } from '../handover/HandoverReport';
import type { Done } from './Confirm';
import type { Head, Leaver } from './queries';
import { RequestedBy } from './Scheduled';
import { draftName } from './useDraft';

interface DismissedProps {
  person: Head;
  leaver: Leaver;
  /** What was just done on this page. */
  done: Done | undefined;
}

/** After the dismissal: what is a fact, and what is still going on. The same after a reload. */
export function Dismissed({ person, leaver, done }: DismissedProps) {
  const words = useTexts().dismiss;
  const moment = useMoment('full');
  const { may } = useViewer();
  const { id, name } = person;
  // Somebody else was faster: what was chosen here was not carried out.
  const [begun] = useState(() => done === undefined && readDraft(draftName(id)) !== null);
  if (begun) forgetDraft(draftName(id));
  const { dismissal } = leaver;
  const left = leaver.work?.total ?? 0;
  const buttons = (
    <>
      <LinkButton href="/people">{words.nextOne}</LinkButton>
      {may('REASSIGN_WORK') && left > 0 && <LinkButton href={`/people/${id}/hand-over`}>{words.handOver}</LinkButton>}
      {may('HIRE_USERS') && <LinkButton href={`/people/${id}/hire`}>{words.hire}</LinkButton>}
    </>
  );
  return (
    <>
      {(begun || done?.changed === false) && <Alert tone="warn">{words.already(name)}</Alert>}
      {done && done.passed.length > 0 && <Alert tone="neutral">{words.passed(done.passed)}</Alert>}
      <section className="panel">
        {dismissal && (
          <Facts
            of={[
              [words.doneAt, moment(dismissal.effectiveAt)],
              [words.by, <RequestedBy key="by" dismissal={dismissal} />],
              [words.reason, dismissal.reason ?? words.noReason],
            ]}
          />
        )}
        {dismissal?.failure && (
          <Alert tone="bad" title={words.failure} urgent={false}>
            {dismissal.failure}
          </Alert>
        )}
        {!dismissal?.handover && (
          <>
            <p>
              {words.lockedOut} {left > 0 && words.workWith(name)}
            </p>
            <div className="actions">{buttons}</div>
          </>
        )}
      </section>
      {dismissal?.handover && (
        <HandoverReport id={dismissal.handover.id}>
          <Button look="quiet" onPress={() => print()}>
            {words.report}
          </Button>
          {buttons}
        </HandoverReport>
      )}
    </>
  );
}
