import { useId } from 'react';
import { useTexts } from '../../texts';
import {
  type Kind,
  KINDS,
  type Level,
  LEVELS,
  type Matrix,
  OPERATIONS,
  type Operation,
  cellOf,
  levelIn,
} from './crmRoles';

interface MatrixProps {
  matrix: Matrix;
  saved: Matrix;
  /** Another role: what differs from it is marked. */
  other: { name: string; matrix: Matrix } | undefined;
  onChange(cells: Matrix): void;
}

/** What a role may do: a line for each kind of record, a column for each operation; both can be set as a whole. */
export function MatrixTable({ matrix, saved, other, onChange }: MatrixProps) {
  const { enums, settings } = useTexts();
  const all = (cells: { kind: Kind; operation: Operation }[], level: Level): Matrix =>
    Object.fromEntries(cells.map(({ kind, operation }) => [cellOf(kind, operation), level]));
  const row = (kind: Kind) => OPERATIONS.map((operation) => ({ kind, operation }));
  const column = (operation: Operation) => KINDS.map((kind) => ({ kind, operation }));
  /** The level that all of these have. */
  const common = (cells: { kind: Kind; operation: Operation }[]): Level | '' => {
    const levels = new Set(cells.map(({ kind, operation }) => levelIn(matrix, kind, operation)));
    return levels.size === 1 ? [...levels][0]! : '';
  };
  return (
    <div className="matrix">
      <table role="table" aria-label={settings.permissions}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {settings.kind}
            </th>
            <th role="columnheader" scope="col">
              {settings.allOperations}
            </th>
            {OPERATIONS.map((operation) => (
              <th key={operation} role="columnheader" scope="col">
                {enums.crmOperation[operation]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          <tr role="row" className="whole">
            <th role="rowheader" scope="row">
              {settings.allKinds}
            </th>
            <td role="cell" data-label={settings.allOperations}>
              <Whole
                label={settings.setAll(settings.allKinds, settings.allOperations)}
                value={common(KINDS.flatMap(row))}
                onChange={(level) => onChange(all(KINDS.flatMap(row), level))}
              />
            </td>
            {OPERATIONS.map((operation) => (
              <td key={operation} role="cell" data-label={enums.crmOperation[operation]}>
                <Whole
                  label={settings.setAll(settings.allKinds, enums.crmOperation[operation])}
                  value={common(column(operation))}
                  onChange={(level) => onChange(all(column(operation), level))}
                />
              </td>
            ))}
          </tr>
          {KINDS.map((kind) => (
            <tr key={kind} role="row">
              <th role="rowheader" scope="row">
                {enums.crmKinds[kind]}
              </th>
              <td role="cell" className="whole" data-label={settings.allOperations}>
                <Whole
                  label={settings.setAll(enums.crmKinds[kind], settings.allOperations)}
                  value={common(row(kind))}
                  onChange={(level) => onChange(all(row(kind), level))}
                />
              </td>
              {OPERATIONS.map((operation) => {
                const level = levelIn(matrix, kind, operation);
                const theirs = other && levelIn(other.matrix, kind, operation);
                return (
                  <td key={operation} role="cell" data-label={enums.crmOperation[operation]}>
                    <LevelCell
                      label={`${enums.crmKinds[kind]}: ${enums.crmOperation[operation]}`}
                      level={level}
                      before={levelIn(saved, kind, operation)}
                      other={theirs === level ? undefined : theirs}
                      onChange={(next) => onChange({ [cellOf(kind, operation)]: next })}
                    />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  label: string;
  level: Level;
  /** What is saved. */
  before: Level;
  /** What the other role has, if it is something else. */
  other: Level | undefined;
  onChange(level: Level): void;
}

function LevelCell({ label, level, before, other, onChange }: CellProps) {
  const { settings } = useTexts();
  const id = useId();
  const changed = level !== before;
  return (
    <span className="level" data-changed={changed || undefined}>
      <Scale level={level} />
      <select
        aria-label={label}
        aria-describedby={changed || other ? id : undefined}
        value={level}
        onChange={(event) => onChange(event.target.value as Level)}
      >
        <Levels />
      </select>
      {(changed || other) && (
        <small id={id}>
          {changed && <span>{settings.was(settings.levels[before])} </span>}
          {other && <span className="other">{settings.otherHas(settings.levels[other])}</span>}
        </small>
      )}
    </span>
  );
}

function Whole({ label, value, onChange }: { label: string; value: Level | ''; onChange(level: Level): void }) {
  const { settings } = useTexts();
  return (
    <select
      className="set-all"
      aria-label={label}
      value={value}
      onChange={(event) => event.target.value && onChange(event.target.value as Level)}
    >
      {value === '' && <option value="">{settings.mixed}</option>}
      <Levels />
    </select>
  );
}

function Levels() {
  const { settings } = useTexts();
  return LEVELS.map((level) => (
    <option key={level} value={level}>
      {settings.levels[level]}
    </option>
  ));
}

/** The level as a filled scale; the word is in the control beside it. */
function Scale({ level }: { level: Level }) {
  const filled = LEVELS.indexOf(level);
  return (
    <svg className="scale" viewBox="0 0 50 6" preserveAspectRatio="none" aria-hidden="true">
      {LEVELS.slice(1).map((one, at) => (
        <rect key={one} x={at * 10 + 0.5} width="9" height="6" className={at < filled ? 'on' : undefined} />
      ))}
    </svg>
  );
}
