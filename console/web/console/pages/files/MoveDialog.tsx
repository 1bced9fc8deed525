import { useEffect, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Collection } from 'react-aria-components/Collection';
import { Tree, TreeItem, TreeItemContent } from 'react-aria-components/Tree';
import { useAction } from '../../lib/useAction';
import { Alert, Problems } from '../../kit/Alert';
import { Button } from '../../kit/Button';
import { Dialog } from '../../kit/Dialog';
import { Icon } from '../../kit/Icon';
import { Skeleton } from '../../kit/Placeholder';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { type FolderHead, type Item, MoveItems, wayDown } from './documents';
import { type TreeFolder, useFolderTree } from './useFolderTree';

/** Marks the line that is shown while a folder is read. */
const LOADING = 'loading';

interface MoveProps {
  items: Item[];
  from: FolderHead;
  onClose(): void;
}

export function MoveDialog({ isOpen, ...props }: MoveProps & { isOpen: boolean }) {
  const { files } = useTexts();
  return (
    <Dialog title={files.moveTitle(props.items.length, props.items[0]?.name ?? '')} isOpen={isOpen} onClose={props.onClose}>
      <Moving {...props} />
    </Dialog>
  );
}

function Moving({ items, from, onClose }: MoveProps) {
  const { common, errors, files } = useTexts();
  const { user } = useViewer();
  const top = wayDown(from)[0] ?? from;
  const topName = top.path === '/' ? files.driveOf(top.owner.name) : top.name;
  const { roots, load, failed } = useFolderTree(files.mine, {
    id: top.id,
    name: top.owner.id === user.id && top.path === '/' ? files.mine : topName,
  });
  const [target, setTarget] = useState<TreeFolder>();
  const { run, pending, problems } = useAction(MoveItems);
  const [expanded, setExpanded] = useState<ReadonlySet<string | number>>(new Set([top.id]));
  useEffect(() => {
    for (const key of expanded) void load(String(key));
  }, [expanded, load]);
  // A folder can't be moved into itself, and what is there already need not be moved.
  const moved = new Set(items.map(({ id }) => id));

  const item = (folder: TreeFolder) => (
    <TreeItem
      key={folder.id}
      id={folder.id}
      textValue={folder.name}
      className="leaf"
      isDisabled={moved.has(folder.id)}
    >
      <TreeItemContent>
        {({ hasChildItems }) => (
          <span>
            {hasChildItems ? (
              <AriaButton slot="chevron" className="chevron">
                <Icon name="chevron" />
              </AriaButton>
            ) : (
              <i />
            )}
            <Icon name="files" />
            <span className="name">{folder.name}</span>
          </span>
        )}
      </TreeItemContent>
      {!moved.has(folder.id) && folder.children === undefined && (
        <TreeItem id={`${folder.id} ${LOADING}`} textValue={common.loading} isDisabled className="leaf">
          <TreeItemContent>
            <span>
              <i />
              <span className="name">{common.loading}</span>
            </span>
          </TreeItemContent>
        </TreeItem>
      )}
      <Collection items={moved.has(folder.id) ? [] : (folder.children ?? [])}>{item}</Collection>
    </TreeItem>
  );
  const find = (id: string, among: TreeFolder[] = roots ?? []): TreeFolder | undefined => {
    for (const folder of among) {
      const found = folder.id === id ? folder : find(id, folder.children ?? []);
      if (found) return found;
    }
    return undefined;
  };
  const move = async () => {
    if (!target) return;
    const input = { itemIds: items.map(({ id }) => id), toFolderId: target.id };
    if (!(await run({ input }))) return;
    tell(files.moved(items.length, target.name));
    onClose();
  };
  const here = target?.id === from.id;
  return (
    <>
      {failed && <Alert tone="bad">{errors.unavailable}</Alert>}
      {!roots && !failed && <Skeleton lines={4} />}
      {roots && (
        <div className="tree choosing">
          <Tree
            aria-label={files.moveTo}
            selectionMode="single"
            selectionBehavior="replace"
            disallowEmptySelection
            expandedKeys={expanded}
            onExpandedChange={(keys) => setExpanded(new Set(keys))}
            onSelectionChange={(keys) => setTarget(keys === 'all' ? undefined : find(String([...keys][0])))}
          >
            <Collection items={roots}>{item}</Collection>
          </Tree>
        </div>
      )}
      <Problems of={problems} />
      <footer className="actions">
        <span role="status" className="note">
          {here ? files.thereAlready : target ? files.movesTo(target.name) : ''}
        </span>
        <Button onPress={onClose}>{common.cancel}</Button>
        <Button look="primary" pending={pending} disabled={!target || here} onPress={() => void move()}>
          {files.moveAction}
        </Button>
      </footer>
    </>
  );
}
