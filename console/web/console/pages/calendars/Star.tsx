import { useAction } from '../../lib/useAction';
import { Icon } from '../../kit/Icon';
import { tell } from '../../kit/Status';
import { useTexts } from '../../texts';
import { AddFavorite, RemoveFavorite } from './documents';

/** Makes a calendar a favourite, or none again. */
export function Star({ calendar: { id, name }, on }: { calendar: { id: string; name: string }; on: boolean }) {
  const { calendars: words } = useTexts();
  const add = useAction(AddFavorite);
  const remove = useAction(RemoveFavorite);
  const toggle = async () => {
    const { run } = on ? remove : add;
    const done = await run({ input: { calendarId: id } });
    if (done) tell(on ? words.unstarred(name) : words.starred(name));
  };
  const problem = add.problems[0] ?? remove.problems[0];
  return (
    <>
      <button
        type="button"
        className="button icon star"
        aria-pressed={on}
        aria-label={words.star(name)}
        onClick={() => void toggle()}
      >
        <Icon name="star" />
      </button>
      {problem && (
        <small role="alert" className="problem">
          {problem}
        </small>
      )}
    </>
  );
}
