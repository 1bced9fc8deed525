import { Link } from 'wouter';
import { useTexts } from '../../texts';
import { useViewer } from '../../viewer';
import { type FolderHead, wayDown } from './documents';

/** The way to a folder, from the drive or from the topmost folder that the viewer may see. */
export function Breadcrumb({ folder }: { folder: FolderHead }) {
  const { files } = useTexts();
  const { user } = useViewer();
  const way = wayDown(folder);
  const top = way[0] ?? folder;
  const isRoot = top.path === '/';
  const start =
    isRoot && top.owner.id === user.id
      ? { href: '/files', name: files.mine }
      : isRoot
        ? { href: `/files/${top.id}`, name: files.driveOf(top.owner.name) }
        : { href: '/files/shared', name: files.shared };
  const between = isRoot ? way.slice(1) : way;
  const known = way.length + 1;
  // The path has a name for each folder: more of them than were asked for are between.
  const deeper = folder.path.split('/').filter(Boolean).length > (isRoot ? known - 1 : known);
  return (
    <nav className="crumbs" aria-label={files.way}>
      <ol>
        {(way.length > 0 || !isRoot) && (
          <li>
            <Link href={start.href}>{start.name}</Link>
          </li>
        )}
        {deeper && <li>…</li>}
        {between.map(({ id, name }) => (
          <li key={id}>
            <Link href={`/files/${id}`}>{name}</Link>
          </li>
        ))}
        <li aria-current="page">{folder.path === '/' ? start.name : folder.name}</li>
      </ol>
    </nav>
  );
}
