import { type DepartmentNode, useDepartments } from '../lib/departments';
import { Select } from './Choices';

interface DepartmentFilterProps {
  label: string;
  /** The choice that stands for no filter. */
  all: string;
  value: string;
  onChange(department: string): void;
}

/** A filter by a department; those below it count as well. */
export function DepartmentFilter({ label, all, value, onChange }: DepartmentFilterProps) {
  const { roots, byId } = useDepartments();
  const options = (nodes: readonly DepartmentNode[], depth: number): { value: string; label: string }[] =>
    nodes.flatMap(({ id, name, children }) => [
      { value: id, label: `${'\u2003'.repeat(depth)}${name}` },
      ...options(children, depth + 1),
    ]);
  const known = value === '' || byId.has(value);
  return (
    <Select
      label={label}
      hideLabel
      value={value}
      onChange={onChange}
      options={[{ value: '', label: all }, ...options(roots, 0), ...(known ? [] : [{ value, label: '…' }])]}
    />
  );
}
