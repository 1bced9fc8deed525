import { Link } from 'wouter';
import { useSay, useTexts } from '../../texts';

export interface Bar {
  id: string;
  name: string;
  /** Open items with people who have left, with people who are here, with nobody. */
  left: number;
  here: number;
  nobody: number;
}

/** One bar for each department; what those who have left hold comes first, and in the strong colour. */
export function Bars({ bars }: { bars: Bar[] }) {
  const words = useTexts().overview;
  const say = useSay();
  const most = Math.max(1, ...bars.map(({ left, here, nobody }) => left + here + nobody));
  const share = (count: number) => (count / most) * 100;
  const legend = [
    ['left', words.withLeft],
    ['here', words.withHere],
    ...(bars.some(({ nobody }) => nobody > 0) ? [['nobody', words.withNobody]] : []),
  ];
  return (
    <>
      <p className="legend" aria-hidden="true">
        {legend.map(([kind, label]) => (
          <span key={kind}>
            <i className={`key ${kind}`} />
            {label}
          </span>
        ))}
      </p>
      <ul className="bars">
        {bars.map(({ id, name, left, here, nobody }) => {
          const bar = (
            <>
              <span className="name">{name}</span>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect className="left" width={share(left)} height="10" />
                <rect className="here" x={share(left)} width={share(here)} height="10" />
                <rect className="nobody" x={share(left + here)} width={share(nobody)} height="10" />
              </svg>
              <span className="counts" aria-hidden="true">
                {left > 0 && <b>{say.number(left)}</b>} {say.number(here + nobody)}
              </span>
              <span className="hidden">: {words.bar(left, here, nobody)}</span>
            </>
          );
          return (
            <li key={id}>
              {id ? (
                <Link href={`/people?show=${left > 0 ? 'left&work=held' : 'here'}&department=${id}`}>{bar}</Link>
              ) : (
                <span className="bar">{bar}</span>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
