// What stands between a plan and its confirmation.

import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { WorkKind } from '../../graphql';
import { graphql } from '../../graphql';
import { Alert } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Progress } from '../../kit/Progress';
import { useData } from '../../lib/useData';
import { useSay, useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { type Plan, differences } from './plan';

/** Takes the focus when it appears: what was pressed did not do what it said. */
export function Focused({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className="focused">
      {children}
    </div>
  );
}

/** The work has changed since: what is different, to be agreed to. */
export function PlanChanged({ before, after, onTake }: { before: Plan; after: Plan; onTake(): void }) {
  const texts = useTexts();
  const words = texts.moving;
  const say = useSay();
  const changed = differences(before, after);
  return (
    <Focused>
      <Alert
        tone="warn"
        urgent
        title={words.changed}
        action={
          <Button look="primary" onPress={onTake}>
            {words.take}
          </Button>
        }
      >
        {changed.length === 0 ? (
          words.changedWithin
        ) : (
          <ul>
            {changed.map(({ kind, recipient, before, after }) => (
              <li key={`${kind} ${recipient}`}>
                {words.difference(texts.enums.workKind[kind], recipient, say.number(before), say.number(after))}
              </li>
            ))}
          </ul>
        )}
      </Alert>
    </Focused>
  );
}

interface UnreachableProps {
  of: Plan['unreachable'];
  name: string;
  onStay(kind: WorkKind): void;
}

/** Records that the viewer may not hand over: which, and what it takes. */
export function Unreachable({ of, name, onStay }: UnreachableProps) {
  const texts = useTexts();
  const words = texts.moving;
  const { may } = useViewer();
  return of.map(({ kind, count, needs, sample }) => {
    const what = texts.enums.workKind[kind];
    const right = words.rule(
      texts.enums.crmOperation[needs.operation],
      texts.enums.crmKinds[needs.kind],
      texts.enums.crmLevel[needs.level],
    );
    const titles = sample.flatMap((record) => ('title' in record && record.title ? [record.title] : []));
    return (
      <Alert
        key={kind}
        tone="bad"
        title={words.outOfReach(what, count)}
        action={
          <span className="actions">
            <Button onPress={() => onStay(kind)}>{words.leave(what, name)}</Button>
            {may('MANAGE_SETTINGS') && <Link href="/settings/crm-roles">{words.crmRoles}</Link>}
          </span>
        }
      >
        <p>{words.needs(right)}</p>
        {titles.length > 0 && <p>{words.forExample(titles.slice(0, 3))}</p>}
      </Alert>
    );
  });
}

const RunningOf = graphql(`
  query RunningOf($userId: ID!) {
    handovers(first: 1, filter: { fromUserId: $userId, state: [QUEUED, RUNNING] }) {
      nodes {
        id
        state
        progress
      }
    }
  }
`);

/** How often it is looked whether it is over, in milliseconds. */
const EVERY = 2_000;

/** Another handover of the same work is under way: waits until it is over. */
export function InProgress({ userId, onOver }: { userId: string; onOver(): void }) {
  const texts = useTexts();
  const words = texts.moving;
  const { data, reload } = useData(RunningOf, { userId });
  const running = data?.handovers.nodes[0];
  useEffect(() => {
    const timer = setInterval(reload, EVERY);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <Alert
      tone="warn"
      title={texts.errors.refusals.HANDOVER_IN_PROGRESS ?? ''}
      action={<Button onPress={onOver}>{texts.common.tryAgain}</Button>}
    >
      {running ? (
        <>
          <Progress label={words.progress} share={running.progress} />
          <Link href={`/handovers/${running.id}`}>{words.openIt}</Link>
        </>
      ) : (
        data && <span role="status">{words.isOver}</span>
      )}
    </Alert>
  );
}
