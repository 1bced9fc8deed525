import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { WorkKind } from '../../graphql';
import { Alert, Failure, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Checkbox, Radios } from '../../kit/Choices';
import { Dialog } from '../../kit/Dialog';
import { type Picked, PersonField } from '../../kit/PersonPicker';
import { tell } from '../../kit/Status';
import { refusalText } from '../../lib/errors';
import { useTexts } from '../../texts';
import { PlanChanged } from '../handover/PlanNotices';
import { PlanTable } from '../handover/PlanTable';
import { type Picks, type Reassignment, type Wish, useReassignment } from './reassignment';

export interface Role {
  kind: WorkKind;
  label: string;
  /** Several people can have it: only in place of a certain one. */
  shared?: boolean;
  /** Who had it can stay as observer. */
  observable?: boolean;
}

interface ReassignProps {
  title: string;
  isOpen: boolean;
  onClose(): void;
  /** What is picked; with roles, for the one that was chosen. */
  items(kind: WorkKind | undefined): Picks;
  roles?: readonly Role[];
  /** Whose work it is, where the list is of one person. */
  from?: Picked | undefined;
  /** Who is replaced, without roles. */
  replaced?: string;
  onBegun(): void;
}

/** Gives the picked items to others: choose, look at the plan, confirm. */
export function ReassignDialog(props: ReassignProps) {
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose} wide>
      {/* Within the dialog, so that each opening begins anew. */}
      <Steps {...props} />
    </Dialog>
  );
}

function Steps({ items, roles, from, replaced, onBegun, onClose }: ReassignProps) {
  const texts = useTexts();
  const words = texts.tasks.reassign;
  const run = useReassignment();
  const [kind, setKind] = useState(roles?.[0]?.kind);
  const [to, setTo] = useState<Picked[]>([]);
  const [includeClosed, setIncludeClosed] = useState(false);
  const [keepAsObserver, setKeep] = useState(false);
  const role = roles?.find((one) => one.kind === kind);
  const [looked, setLooked] = useState(false);
  const look = () => {
    setLooked(true);
    void run.look(items(kind), wish);
  };
  const wish: Wish = {
    fromUserId: replaced ?? (role?.shared && from ? from.id : null),
    to: to.map(({ id }) => id),
    includeClosed,
    keepAsObserver: keepAsObserver && role?.observable === true,
  };
  if (run.agreed) return <Agreement run={run} onBegun={onBegun} onClose={onClose} />;
  return (
    <>
      {roles && kind && (
        <Radios
          label={texts.tasks.which}
          value={kind}
          onChange={(next) => setKind(next)}
          options={roles.map(({ kind, label, shared }) => ({
            value: kind,
            label: shared && from ? `${label} ${texts.tasks.insteadOf(from.name)}` : label,
            disabled: shared === true && !from,
            ...(shared && !from ? { hint: texts.tasks.needsPerson } : {}),
          }))}
        />
      )}
      <div className="recipient">
        <span aria-hidden="true">{words.to}</span>
        <PersonField title={words.toTitle} picked={to} several onPick={setTo} except={wish.fromUserId ? [wish.fromUserId] : []} />
      </div>
      <Checkbox label={words.closedToo} checked={includeClosed} onChange={setIncludeClosed} />
      {role?.observable && <Checkbox label={texts.tasks.keepAsObserver} checked={keepAsObserver} onChange={setKeep} />}
      {run.failure && <Failure error={run.failure} onRetry={look} />}
      <footer className="actions">
        <Button onPress={onClose}>{texts.common.cancel}</Button>
        <Button
          look="primary"
          pending={run.looking}
          disabled={to.length === 0}
          // Back from the plan: as it was left.
          autoFocus={looked}
          onPress={look}
        >
          {words.look}
        </Button>
      </footer>
    </>
  );
}

interface AgreementProps {
  run: Reassignment;
  onBegun(): void;
  onClose(): void;
}

function Agreement({ run, onBegun, onClose }: AgreementProps) {
  const texts = useTexts();
  const words = texts.tasks.reassign;
  const [, go] = useLocation();
  const { plan, input, leftOut } = run.agreed!;
  const beyond = plan.unreachable.map(({ kind }) => kind);
  // What is left out, or out of reach, is said in words of its own.
  const refusals = plan.userErrors.filter(
    ({ code }) => code !== 'CRM_ACCESS_REQUIRED' && !(code === 'NOT_FOUND' && leftOut > 0),
  );
  const nothing = plan.total === 0 && refusals.length === 0;
  const begin = async () => {
    const id = await run.confirm();
    if (!id) return;
    tell(words.begun);
    onBegun();
    onClose();
    go(`/handovers/${id}`);
  };
  // What was pressed is gone: the plan takes the focus.
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h3 ref={heading} tabIndex={-1}>
        {words.plan}
      </h3>
      {run.before && <PlanChanged before={run.before} after={plan} onTake={run.take} />}
      {leftOut > 0 && <Alert tone="warn">{words.leftOut(leftOut)}</Alert>}
      {plan.unreachable.map(({ kind, count, needs }) => (
        <Alert
          key={kind}
          tone="bad"
          action={
            input.moves.some((move) => !beyond.includes(move.kind)) && (
              <Button onPress={() => void run.without([kind])}>{words.without}</Button>
            )
          }
        >
          {words.needs(
            count,
            texts.enums.workKind[kind],
            texts.enums.crmOperation[needs.operation],
            texts.enums.crmLevel[needs.level],
          )}
        </Alert>
      ))}
      <Problems of={[...new Set([...refusals.map((error) => refusalText(error, texts)), ...run.problems])]} />
      {run.failure && <Failure error={run.failure} onRetry={run.back} />}
      <PlanTable plan={{ lines: plan.lines, remaining: { total: 0, lines: [] } }} name={null} />
      {nothing && beyond.length === 0 && <p>{words.nothing}</p>}
      {plan.total > 0 && <p className="note">{words.undoable}</p>}
      <footer className="actions">
        <Button onPress={run.back}>{texts.common.back}</Button>
        <Button
          look="primary"
          pending={run.pending}
          disabled={plan.total === 0 || plan.userErrors.length > 0 || run.before !== undefined}
          onPress={() => void begin()}
        >
          {words.confirm(plan.total)}
        </Button>
      </footer>
    </>
  );
}
