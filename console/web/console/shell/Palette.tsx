import { type KeyboardEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { graphql } from '../graphql';
import { Dialog } from '../kit/Dialog';
import { EmptyState } from '../kit/Placeholder';
import { SearchField } from '../kit/SearchField';
import { useData } from '../lib/useData';
import { useTexts } from '../texts';
import { useViewer } from '../viewer';
import { destinations } from './Navigation';

const Find = graphql(`
  query Find($search: String!) {
    users(filter: { search: $search }, first: 6) {
      nodes {
        id
        name
        position
        status
      }
    }
  }
`);

/** Pages of the console, by the beginning of the ids of what they show. */
const BY_ID: Record<string, (id: string) => string> = {
  user: (id) => `/people/${id}`,
  handover: (id) => `/handovers/${id}`,
  folder: (id) => `/files/${id}`,
  calendar: (id) => `/calendars/${id}`,
};

interface Command {
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
  const { data } = useData(Find, { search: term }, { pause: term.length < 2 });

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
  const people = (term.length < 2 ? [] : (data?.users.nodes ?? [])).flatMap(({ id, name, position, status }) => [
    { href: `/people/${id}`, label: words.open(name), hint: position ?? undefined },
    ...(status === 'ACTIVE' && id !== viewer.user.id && viewer.may('DISMISS_USERS')
      ? [{ href: `/people/${id}/dismiss`, label: words.dismiss(name) }]
      : []),
    ...(status === 'DISMISSED' && viewer.may('HIRE_USERS')
      ? [{ href: `/people/${id}/hire`, label: words.hire(name) }]
      : []),
    ...(viewer.may('REASSIGN_WORK') ? [{ href: `/people/${id}/hand-over`, label: words.handOver(name) }] : []),
  ]);
  const kind = /^([a-z]+)_[0-9a-z]{20,}$/.exec(term)?.[1];
  const byId = kind ? BY_ID[kind]?.(term) : undefined;
  const found: Command[] = [...(byId ? [{ href: byId, label: words.open(term) }] : []), ...pages, ...people];

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
          {found.map(({ href, label, hint }) => (
            <li key={href}>
              <button type="button" onClick={() => open(href)}>
                {label}
                {hint && <small>{hint}</small>}
              </button>
            </li>
          ))}
        </ul>
        <p role="status" className="hidden">
          {texts.common.items(found.length)}
        </p>
        {found.length === 0 && <EmptyState>{words.nothing}</EmptyState>}
      </div>
    </Dialog>
  );
}
