import { Link } from 'wouter';
import { SubjectLink, subjectOf } from '../../kit/Subject';
import { type Texts, useTexts } from '../../texts';
import type { Entry } from './documents';

/** What an action is called; `{}` stands for its object. */
export function phraseOf(action: string, { audit }: Texts): string {
  const phrases: Record<string, string> = audit.actions;
  return phrases[action] ?? `${action} {}`;
}

/** An entry in words, for those who hear it. */
export function sentenceOf({ action, actor, actorUser, subject }: Entry, texts: Texts): string {
  const name = (subject && subjectOf(subject).name) ?? texts.audit.something;
  return `${actorUser?.name ?? actor} ${phraseOf(action, texts).replace('{}', name)}`;
}

/** Who did what, with links to both. */
export function Sentence({ entry }: { entry: Entry }) {
  const texts = useTexts();
  const { action, actor, actorUser, actorIntegration, subject } = entry;
  const [before = '', after] = phraseOf(action, texts).split('{}');
  return (
    <>
      {actorUser ? <Link href={`/people/${actorUser.id}`}>{actorUser.name}</Link> : <b>{actorIntegration?.name ?? actor}</b>}{' '}
      {before}
      {after !== undefined && (subject ? <SubjectLink of={subject} /> : texts.audit.something)}
      {after}
      {after === undefined && subject?.__typename === 'Handover' && (
        <>
          {' – '}
          <SubjectLink of={subject} name={texts.audit.openHandover} />
        </>
      )}
    </>
  );
}
