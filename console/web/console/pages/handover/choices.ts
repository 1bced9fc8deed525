// Who gets what: the choices of a draft, and the moves that the API is asked for by them.

import type { Enum, WorkKind } from '../../graphql';

/** `unset`: nothing is chosen yet. */
export type To = 'unset' | 'head' | 'people' | 'stay';

export interface Choice {
  to: To;
  /** Ids. Several take turns. */
  people: readonly string[];
  closed: boolean;
  /** The one whose work it is stays informed. */
  observer: boolean;
}

/** The folder that a drive moves into. */
export interface Sharing {
  /** Empty: as the server names it. */
  folder: string;
  with: readonly string[];
  access: Enum<'ShareAccess'>;
}

export interface Choices {
  kinds: Partial<Record<WorkKind, Choice>>;
  sharing: Sharing;
}

export interface Line {
  kind: WorkKind;
  open: number;
  closed: number;
}

export const NO_CHOICES: Choices = { kinds: {}, sharing: { folder: '', with: [], access: 'READ' } };

/** A drive is a tree: it can't be divided among several people. */
export const isDivisible = (kind: WorkKind): boolean => kind !== 'DRIVE';

/** Of these, the former holder can stay informed. */
export const canBeObserved = (kind: WorkKind): boolean => kind === 'TASK_RESPONSIBLE' || kind === 'TASK_CREATOR';

/** Without a head nobody is the obvious one to get it. */
export const choiceFor = (kind: WorkKind, { kinds }: Choices, hasHead: boolean): Choice => {
  const chosen = kinds[kind];
  if (chosen && (hasHead || chosen.to !== 'head')) return chosen;
  return { to: hasHead ? 'head' : 'unset', people: [], closed: false, observer: false, ...without(chosen) };
};

const without = (chosen: Choice | undefined): Partial<Choice> => (chosen ? { closed: chosen.closed } : {});

export const change = (kind: WorkKind, part: Partial<Choice>, choices: Choices, hasHead: boolean): Choices => ({
  ...choices,
  kinds: { ...choices.kinds, [kind]: { ...choiceFor(kind, choices, hasHead), ...part } },
});

/** Kinds for which nobody is chosen yet. */
export const unsettled = (lines: readonly Line[], choices: Choices, hasHead: boolean): WorkKind[] =>
  lines
    .map(({ kind }) => kind)
    .filter((kind) => {
      const { to, people } = choiceFor(kind, choices, hasHead);
      return to === 'unset' || (to === 'people' && people.length === 0);
    });

type Recipient = { headOfDepartment: true } | { userId: string } | { evenlyAmong: string[] };

function recipient({ to, people }: Choice): Recipient | undefined {
  if (to === 'head') return { headOfDepartment: true };
  if (to !== 'people' || people[0] === undefined) return undefined;
  return people.length === 1 ? { userId: people[0] } : { evenlyAmong: [...people] };
}

export interface Move {
  kind: WorkKind;
  to: Recipient;
  includeClosed: boolean;
  keepAsObserver: boolean;
  share: { folderName: string | null; with: string[]; access: Enum<'ShareAccess'> } | null;
}

/** The moves in the order of the lines, so that refusals by their place find their line again. */
export function movesOf(lines: readonly Line[], choices: Choices, hasHead: boolean): Move[] {
  return lines.flatMap(({ kind, closed }) => {
    const choice = choiceFor(kind, choices, hasHead);
    const to = recipient(choice);
    if (!to) return [];
    const { folder, with: others, access } = choices.sharing;
    const shared = kind === 'DRIVE' && (folder.trim() !== '' || others.length > 0);
    return {
      kind,
      to,
      includeClosed: choice.closed && closed > 0,
      keepAsObserver: choice.observer && canBeObserved(kind),
      share: shared ? { folderName: folder.trim() || null, with: [...others], access } : null,
    };
  });
}

/** All ids of people in the choices. */
export const peopleIn = ({ kinds, sharing }: Choices): string[] => [
  ...new Set([...Object.values(kinds).flatMap(({ people }) => people), ...sharing.with]),
];
