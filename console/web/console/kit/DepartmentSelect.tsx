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
  /** Those that can't be chosen; those below them can, … */
  except?: readonly string[];
  /** … but for what is below this one. */
  branch?: string | undefined;
}

const INDENT = '\u2003';

const NONE: readonly string[] = [];

/** A department of the tree; those below another one are indented. */
export function DepartmentSelect({ none, except = NONE, branch, ...select }: DepartmentSelectProps) {
  const texts = useTexts();
  const { roots, byId, loading, error } = useDepartments();
  const options = useMemo(() => {
    const rows = (nodes: DepartmentNode[], depth: number): { value: string; label: string }[] =>
      nodes
        .filter(({ id }) => id !== branch)
        .flatMap(({ id, name, children }) => [
          ...(except.includes(id) ? [] : [{ value: id, label: INDENT.repeat(depth) + name }]),
          ...rows(children, depth + 1),
        ]);
    return rows(roots, 0);
  }, [roots, except, branch]);
  // What is chosen stays chosen while the others are loaded.
  const unknown = select.value && !byId.has(select.value);
  return (
    <Select
      {...select}
      error={select.error ?? (error && texts.errors.title)}
      options={[
        { value: '', label: none },
        ...(unknown ? [{ value: select.value, label: loading ? texts.common.loading : texts.common.unknown }] : []),
        ...options,
      ]}
    />
  );
}
