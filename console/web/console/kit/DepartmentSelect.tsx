import { useMemo } from 'react';
import { type DepartmentNode, useDepartments } from '../lib/departments';
import { useTexts } from '../texts';
import { Select } from './Choices';

interface DepartmentSelectProps {
  label: string;
  /** The id of a department, or nothing. */
  value: string;
  onChange(department: string): void;
  /** The option for nothing. */
  none: string;
  error?: string | undefined;
  hideLabel?: boolean;
}

const INDENT = '\u2003';

/** A department of the tree; those below another one are indented. */
export function DepartmentSelect({ none, ...select }: DepartmentSelectProps) {
  const texts = useTexts();
  const { roots, byId, loading } = useDepartments();
  const options = useMemo(() => {
    const rows = (nodes: DepartmentNode[], depth: number): { value: string; label: string }[] =>
      nodes.flatMap(({ id, name, children }) => [
        { value: id, label: INDENT.repeat(depth) + name },
        ...rows(children, depth + 1),
      ]);
    return rows(roots, 0);
  }, [roots]);
  // What is chosen stays chosen while the others are loaded.
  const unknown = select.value && !byId.has(select.value);
  return (
    <Select
      {...select}
      options={[
        { value: '', label: none },
        ...(unknown ? [{ value: select.value, label: loading ? texts.common.loading : texts.common.unknown }] : []),
        ...options,
      ]}
    />
  );
}
