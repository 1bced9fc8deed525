import { useState } from 'react';
import { useDepartmentTree } from '../lib/departments';
import { text, useUrlState } from '../lib/useUrlState';
import { Failure } from '../kit/Alert';
import { Button } from '../kit/Button';
import { FilterBar } from '../kit/FilterBar';
import { Page } from '../kit/Page';
import { EmptyState, Skeleton } from '../kit/Placeholder';
import { SearchField } from '../kit/SearchField';
import { useTexts } from '../texts';
import { DepartmentDialog, type Editing } from './departments/DepartmentDialog';
import { Branches } from './departments/Branches';
import { DepartmentsWithHeads, fitting } from './departments/documents';

const FILTER = { q: text };

export default function Departments() {
  const texts = useTexts();
  const words = texts.departments;
  const { roots, byId, loading, error, reload } = useDepartmentTree(DepartmentsWithHeads);
  const { values, set, clear, changed } = useUrlState(FILTER);
  const [editing, setEditing] = useState<Editing>();
  const shown = fitting(roots, values.q);
  const create = () => setEditing({ department: undefined, parentId: '' });
  return (
    <Page
      title={words.title}
      above={{ href: '/people', label: texts.people.title }}
      actions={
        <Button look="primary" onPress={create}>
          {words.create}
        </Button>
      }
    >
      <FilterBar changed={changed} onClear={clear}>
        <SearchField label={words.search} value={values.q} onChange={(q) => set({ q }, { replace: true })} main />
      </FilterBar>
      <div className="list">
        <p role="status" className="count">
          {loading || error ? '' : words.count(byId.size)}
        </p>
        {error && <Failure error={error} onRetry={reload} />}
        {loading && <Skeleton lines={8} />}
        {shown.length > 0 && (
          <div className="panel">
            <Branches
              label={words.title}
              nodes={shown}
              onEdit={(department) => setEditing({ department, parentId: department.parent?.id ?? '' })}
              onAddBelow={({ id }) => setEditing({ department: undefined, parentId: id })}
            />
          </div>
        )}
        {!loading && !error && shown.length === 0 && (
          <EmptyState>{changed ? texts.common.nothingFits : words.none}</EmptyState>
        )}
      </div>
      <DepartmentDialog editing={editing} onClose={() => setEditing(undefined)} />
    </Page>
  );
}
