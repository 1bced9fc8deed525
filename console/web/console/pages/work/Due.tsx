import { Tag } from '../../kit/Tag';
import { useSay, useTexts } from '../../texts';

/** When something is due; whether it is late is said in a word. */
export function Due({ at, open }: { at: string | null; open: boolean }) {
  const texts = useTexts();
  const say = useSay();
  if (!at) return null;
  return (
    <span className="tags">
      <time dateTime={at} title={say.dateTime(at)}>
        {say.date(at)}
      </time>
      {open && Date.parse(at) < Date.now() && <Tag tone="bad">{texts.tasks.late}</Tag>}
    </span>
  );
}
