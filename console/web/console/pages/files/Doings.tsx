import { useAction } from '../../lib/useAction';
import { NameDialog } from '../../kit/NameDialog';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import { MoveDialog } from './MoveDialog';
import { ShareSheet } from './ShareSheet';
import { CreateFolder, type FolderHead, type Item, RenameItem } from './documents';

/** What is being done, in a dialog. */
export type Doing =
  | { what: 'create' }
  | { what: 'rename'; item: Item }
  | { what: 'move'; items: Item[] }
  /** The folder of the page without `item`. */
  | { what: 'share'; item?: Item };

interface DoingsProps {
  folder: FolderHead;
  doing: Doing | undefined;
  onDone(): void;
}

export function Doings({ folder, doing, onDone }: DoingsProps) {
  const { common, files } = useTexts();
  const create = useAction(CreateFolder, ['name']);
  const rename = useAction(RenameItem, ['name']);
  const close = () => {
    create.reset();
    rename.reset();
    onDone();
  };
  const renamed = doing?.what === 'rename' ? doing.item : undefined;
  return (
    <>
      <NameDialog
        title={files.newFolderTitle}
        isOpen={doing?.what === 'create'}
        onClose={close}
        action={common.create}
        pending={create.pending}
        error={create.problemOf('name')}
        problems={create.problems}
        onSubmit={async (name) => {
          if (!(await create.run({ input: { parentId: folder.id, name } }))) return;
          tell(files.created(name));
          close();
        }}
      />
      <NameDialog
        title={renamed ? files.renameTitle(renamed.name) : ''}
        name={renamed?.name ?? ''}
        isOpen={renamed !== undefined}
        onClose={close}
        action={files.renameAction}
        pending={rename.pending}
        error={rename.problemOf('name')}
        problems={rename.problems}
        onSubmit={async (name) => {
          if (!renamed || !(await rename.run({ input: { itemId: renamed.id, name } }))) return;
          tell(files.renamed(name));
          close();
        }}
      />
      <MoveDialog
        items={doing?.what === 'move' ? doing.items : []}
        from={folder}
        isOpen={doing?.what === 'move'}
        onClose={onDone}
      />
      <ShareSheet
        folderId={doing?.what === 'share' ? (doing.item?.id ?? folder.id) : null}
        onClose={onDone}
      />
    </>
  );
}
