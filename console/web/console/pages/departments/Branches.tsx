import { useId, useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../../kit/Button';
import { Icon } from '../../kit/Icon';
import { Menu } from '../../kit/Menu';
import { StatusTag } from '../../kit/Tag';
import { useTexts } from '../../texts';
import type { Node } from './documents';

interface BranchesProps {
  label?: string;
  nodes: readonly Node[];
  onEdit(department: Node): void;
  onAddBelow(department: Node): void;
}

/** Departments with those below them; lists within lists. */
export function Branches({ label, nodes, ...actions }: BranchesProps) {
  return (
    <ul className="branches" aria-label={label}>
      {nodes.map((node) => (
        <Branch key={node.id} node={node} {...actions} />
      ))}
    </ul>
  );
}

function Branch({ node, ...actions }: Omit<BranchesProps, 'nodes'> & { node: Node }) {
  const { common, departments } = useTexts();
  const [open, setOpen] = useState(true);
  const below = useId();
  const { id, name, head, memberCount, children } = node;
  return (
    <li>
      <div className="branch">
        {children.length > 0 ? (
          <span className="toggle" data-open={open || undefined}>
            <Button
              look="icon"
              aria-expanded={open}
              aria-controls={below}
              aria-label={departments.below(name)}
              onPress={() => setOpen(!open)}
            >
              <Icon name="chevron" />
            </Button>
          </span>
        ) : (
          <i aria-hidden="true" />
        )}
        <span className="name">{name}</span>
        <span className="lead">
          {head ? (
            <>
              <small>{departments.head}</small> <Link href={`/people/${head.id}`}>{head.name}</Link>
              {head.status !== 'ACTIVE' && <StatusTag status={head.status} />}
            </>
          ) : (
            <small>{departments.noHead}</small>
          )}
        </span>
        <Link className="number" href={`/people?department=${id}`}>
          {common.people(memberCount)}
        </Link>
        <Menu
          label={common.actionsFor(name)}
          items={[
            { id: 'edit', label: departments.edit, onAction: () => actions.onEdit(node) },
            { id: 'add', label: departments.addBelow, onAction: () => actions.onAddBelow(node) },
          ]}
        />
      </div>
      {children.length > 0 && (
        <div id={below} hidden={!open}>
          <Branches nodes={children} {...actions} />
        </div>
      )}
    </li>
  );
}
