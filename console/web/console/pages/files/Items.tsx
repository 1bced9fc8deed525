import { Link } from 'wouter';
import type { List } from '../../lib/useData';
import { Avatar } from '../../kit/Avatar';
import { Button } from '../../kit/Button';
import { DataTable } from '../../kit/DataTable';
import { Icon } from '../../kit/Icon';
import { Menu, type MenuAction } from '../../kit/Menu';
import { useSelection } from '../../kit/useSelection';
import { useSay, useTexts } from '../../texts';
import type { Doing } from './Doings';
import { type Item, type ShareAccess, atLeast } from './documents';

interface ItemsProps {
  list: List<Item>;
  /** What the viewer may do in the folder. */
  level: ShareAccess;
  onDownload(id: string): void;
  onDo(doing: Doing): void;
}

/** The most that can be moved at once. */
const MOST = 500;

export function Items({ list, level, onDownload, onDo }: ItemsProps) {
  const texts = useTexts();
  const words = texts.files;
  const say = useSay();
  const changes = atLeast(level, 'EDIT');
  const ids = list.rows.map(({ id }) => id);
  const selection = useSelection('', ids, ids.length);
  const picked = list.rows.filter(({ id }) => selection.has(id)).slice(0, MOST);

  const actions = (item: Item): MenuAction[] => {
    const item_ = (when: boolean, action: MenuAction): MenuAction[] => (when ? [action] : []);
    return [
      {
        id: 'download',
        label: item.__typename === 'Folder' ? words.downloadZip : words.download,
        onAction: () => onDownload(item.id),
      },
      ...item_(changes, { id: 'rename', label: words.rename, onAction: () => onDo({ what: 'rename', item }) }),
      ...item_(changes, { id: 'move', label: words.move, onAction: () => onDo({ what: 'move', items: [item] }) }),
      ...item_(atLeast(level, 'FULL') && item.__typename === 'Folder', {
        id: 'share',
        label: words.share,
        onAction: () => onDo({ what: 'share', item }),
      }),
    ];
  };

  return (
    <DataTable
      label={words.content}
      list={list}
      count={words.count}
      keyOf={({ id }) => id}
      nameOf={({ name }) => name}
      selection={changes ? selection : undefined}
      selectLoaded
      groupActions={<Button onPress={() => onDo({ what: 'move', items: picked })}>{words.move}</Button>}
      empty={atLeast(level, 'ADD') ? words.emptyAdd : words.empty}
      head={{
        label: texts.common.name,
        cell: (item) => (
          <span className="item-name">
            <Icon name={item.__typename === 'Folder' ? 'files' : 'file'} />
            {item.__typename === 'Folder' ? (
              <Link href={`/files/${item.id}`}>{item.name}</Link>
            ) : (
              <span>{item.name}</span>
            )}
          </span>
        ),
      }}
      columns={[
        {
          id: 'size',
          label: words.size,
          numeric: true,
          cell: (item) => (item.__typename === 'File' ? say.bytes(item.size) : null),
        },
        { id: 'modified', label: words.modified, cell: ({ modifiedAt }) => say.date(modifiedAt) },
        { id: 'owner', label: words.owner, cell: ({ owner }) => owner.name },
        { id: 'shares', label: words.sharedWith, cell: ({ shares }) => <Faces of={shares.map(({ user }) => user)} /> },
      ]}
      actions={(item) => <Menu label={texts.common.actionsFor(item.name)} items={actions(item)} />}
    />
  );
}

/** Faces shown before only their number is. */
const FACES = 3;

function Faces({ of }: { of: { id: string; name: string }[] }) {
  const { files } = useTexts();
  if (of.length === 0) return null;
  return (
    <span className="faces">
      {of.slice(0, FACES).map(({ id, name }) => (
        <Avatar key={id} name={name} />
      ))}
      {of.length > FACES && <small aria-hidden="true">{files.others(of.length - FACES)}</small>}
      <span className="hidden">{files.people(of.map(({ name }) => name))}</span>
    </span>
  );
}
