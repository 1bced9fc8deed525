import type { Picked } from '../../kit/PersonPicker';

const idsOf = (people: readonly Picked[]) => people.map(({ id }) => id);

/** The ids of people, if they are others than before. */
export function peopleChange<Name extends string>(
  name: Name,
  before: readonly Picked[],
  now: readonly Picked[],
): { [N in Name]?: string[] } {
  const ids = idsOf(now);
  const same = ids.length === before.length && idsOf(before).every((id) => ids.includes(id));
  return (same ? {} : { [name]: ids }) as { [N in Name]?: string[] };
}
