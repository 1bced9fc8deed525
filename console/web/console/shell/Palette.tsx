import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { type ResultOf, graphql } from '../graphql';
import { Failure } from '../kit/Alert';
import { Dialog } from '../kit/Dialog';
import { EmptyState } from '../kit/Placeholder';
import { SearchField } from '../kit/SearchField';
import { SubjectParts, subjectOf } from '../kit/Subject';
import { useData } from '../lib/useData';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { destinations } from './Navigation';

const FoundParts = graphql(
  `
    fragment FoundParts on Node @_unmask {
      __typename
      id
      ...SubjectParts
      ... on User {
        position
        status
      }
      ... on CrmItem {
        kind
      }
      ... on File {
        parent {
          id
        }
      }
      ... on Event {
        calendar {
          id
        }
      }
    }
  `,
  [SubjectParts],
);

const Find = graphql(
  `
    query Find($text: String!, $byId: Boolean!, $id: ID!) {
      search(text: $text, first: 20) @skip(if: $byId) {
        node {
          ...FoundParts
        }
      }
      node(id: $id) @include(if: $byId) {
        ...FoundParts
      }
    }
  `,
  [FoundParts],
);

type Found = ResultOf<typeof FoundParts>;

/** Where something is shown; what has no page of its own, where it is. */
function pageOf(node: Found): string | undefined {
  if (node.__typename === 'File') return node.parent ? `/files/${node.parent.id}` : '/files/shared';
  if (node.__typename === 'Event') return node.calendar ? `/calendars/${node.calendar.id}?view=all` : '/calendars';
  return subjectOf(node).href;
}

interface Command {
  /** Where several share a page, it tells them apart. */
  id?: string;
  href: string;
  label: string;
  hint?: string | undefined;
}

/** Goes anywhere by a few letters. Everything here is on some page as well. */
export default function Palette({ onClose }: { onClose(): void }) {
  const texts = useTexts();
  const list = useId();
  const viewer = useViewer();
  const [, go] = useLocation();
  const [search, setSearch] = useState('');
  const term = search.trim();
  const byId = /^[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(term);
  const { data, error, loading, reload } = useData(
    Find,
    { text: term, byId, id: byId ? term : '' },
    { pause: term.length < 2 },
  );
  // The results before stay until the next ones are there.
  const last = useRef<Found[]>([]);
  if (data) last.current = data.search?.map(({ node }) => node) ?? (data.node ? [data.node] : []);
  const nodes = term.length < 2 || error ? [] : last.current;

  const fits = (label: string) => label.toLowerCase().includes(term.toLowerCase());
  const pages: Command[] = [
    ...destinations(viewer).map(({ href, name }) => ({ href, label: texts.shell.nav[name] })),
    { href: '/work/recurring', label: texts.tasks.recurring },
    { href: '/work/activities', label: texts.crm.activities },
    { href: '/files/shared', label: texts.files.shared },
    ...(viewer.may('MANAGE_USERS') ? [{ href: '/departments', label: texts.departments.title }] : []),
    ...(viewer.may('MANAGE_USERS') ? [{ href: '/people/invite', label: texts.person.invite }] : []),
    ...(viewer.may('DISMISS_USERS') ? [{ href: '/dismissals', label: texts.dismissal.list }] : []),
    { href: '/me', label: texts.account.title },
    { href: '/me/security', label: texts.account.security },
  ].filter(({ label }) => fits(label));
  const words = texts.shell.palette;
  const kindOf = (node: Found) => {
    if (node.__typename === 'User') return node.position ?? undefined;
    if (node.__typename === 'CrmItem') return texts.enums.crmKind[node.kind];
    return words.types[node.__typename];
  };
  const objects = nodes.flatMap((node): Command[] => {
    const href = pageOf(node);
    if (!href) return [];
    const { id } = node;
    const label = subjectOf(node).name ?? words.types[node.__typename] ?? id;
    const found = { href, label: words.open(label), hint: kindOf(node) };
    if (node.__typename !== 'User') return [{ ...found, id }];
    const { status } = node;
    return [
      { ...found, id },
      ...(status === 'ACTIVE' && id !== viewer.user.id && viewer.may('DISMISS_USERS')
        ? [{ href: `/people/${id}/dismiss`, label: words.dismiss(label) }]
        : []),
      ...(status === 'DISMISSED' && viewer.may('HIRE_USERS')
        ? [{ href: `/people/${id}/hire`, label: words.hire(label) }]
        : []),
      ...(viewer.may('REASSIGN_WORK') ? [{ href: `/people/${id}/hand-over`, label: words.handOver(label) }] : []),
    ];
  });
  const found: Command[] = [...pages, ...objects];

  const open = (href: string) => {
    onClose();
    go(href);
  };
  /** The arrows move through the field and the results as through one list. */
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement && found[0]) open(found[0].href);
    if (step === 0) return;
    event.preventDefault();
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input, li > button')];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    stops[(at + step + stops.length) % stops.length]?.focus();
  };
  return (
    <Dialog title={words.title} isOpen onClose={onClose}>
      <div className="palette" onKeyDown={move}>
        <SearchField label={words.field} value={search} onChange={setSearch} autoFocus />
        <ul id={list} aria-label={words.results}>
          {found.map(({ id, href, label, hint }) => (
            <li key={id ?? href}>
              <button type="button" onClick={() => open(href)}>
                {label}
                {hint && <small>{hint}</small>}
              </button>
            </li>
          ))}
        </ul>
        <p role="status" className="hidden">
          {loading ? '' : texts.common.items(found.length)}
        </p>
        {error && <Failure error={error} onRetry={reload} />}
        {found.length === 0 && !loading && !error && <EmptyState>{words.nothing}</EmptyState>}
      </div>
    </Dialog>
  );
}
