import { Link } from 'wouter';
import type { UserStatus } from '../../graphql';
import { Tag } from '../../kit/Tag';
import { useTexts } from '../../texts';

/** Who holds a piece of work; that somebody has left is said beside the name. */
export function Holder({ of }: { of: { id: string; name: string; status: UserStatus } | null }) {
  const texts = useTexts();
  if (!of) return <span className="note">{texts.common.nobody}</span>;
  return (
    <span className="tags">
      <Link href={`/people/${of.id}`}>{of.name}</Link>
      {of.status === 'DISMISSED' && <Tag tone="bad">{texts.tasks.hasLeft}</Tag>}
    </span>
  );
}
