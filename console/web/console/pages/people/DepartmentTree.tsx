import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { Collection } from 'react-aria-components/Collection';
import { Tree, TreeItem, TreeItemContent } from 'react-aria-components/Tree';
import { Icon } from '../../kit/Icon';
import { Skeleton } from '../../kit/Placeholder';
import { type DepartmentNode, useDepartments } from '../../lib/departments';
import { useSay, useTexts } from '../../texts';

interface TreeProps {
  /** The id of a department, or nothing for all. */
  selected: string;
  onSelect(department: string): void;
}

const ALL = 'all';

export function DepartmentTree(props: TreeProps) {
  const words = useTexts().people;
  const { roots, byId, loading } = useDepartments();
  // On a narrow screen the list comes first.
  const [open] = useState(() => matchMedia('(min-width: 761px)').matches);
  return (
    <details className="tree" open={open}>
      <summary>{words.departments}</summary>
      {loading ? <Skeleton lines={4} /> : <Departments {...props} roots={roots} byId={byId} />}
    </details>
  );
}

interface DepartmentsProps extends TreeProps {
  roots: DepartmentNode[];
  byId: ReadonlyMap<string, DepartmentNode>;
}

function Departments({ selected, onSelect, roots, byId }: DepartmentsProps) {
  const words = useTexts().people;
  const say = useSay();
  const [expanded] = useState(() => {
    const open = new Set(roots.map(({ id }) => id));
    // Whatever is selected is in sight.
    for (let at = byId.get(selected)?.parent; at; at = byId.get(at.id)?.parent) open.add(at.id);
    return open;
  });
  const item = (department: DepartmentNode) => (
    <TreeItem key={department.id} id={department.id} textValue={department.name} className="leaf">
      <TreeItemContent>
        {({ hasChildItems }) => (
          <span>
            {hasChildItems ? (
              <Button slot="chevron" className="chevron">
                <Icon name="chevron" />
              </Button>
            ) : (
              <i />
            )}
            <span className="name">{department.name}</span>
            <small>{say.number(department.memberCount)}</small>
          </span>
        )}
      </TreeItemContent>
      <Collection items={department.children}>{item}</Collection>
    </TreeItem>
  );
  return (
    <Tree
      aria-label={words.departments}
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      defaultExpandedKeys={expanded}
      selectedKeys={[selected || ALL]}
      onSelectionChange={(keys) => {
        const key = keys === 'all' ? ALL : String([...keys][0] ?? ALL);
        onSelect(key === ALL ? '' : key);
      }}
    >
      <TreeItem id={ALL} textValue={words.allDepartments} className="leaf">
        <TreeItemContent>
          <span>
            <i />
            <span className="name">{words.allDepartments}</span>
          </span>
        </TreeItemContent>
      </TreeItem>
      <Collection items={roots}>{item}</Collection>
    </Tree>
  );
}
