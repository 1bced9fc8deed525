import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useTexts } from '../texts';
import { useCompanyName } from '../viewer';

/** Whether a page was shown before: the first one leaves the focus where the browser has it. */
let shown = false;

/** The next page takes the focus even if it is the first: somebody has just signed in. */
export function takeFocus(): void {
  shown = true;
}

interface PageProps {
  title: string;
  children: ReactNode;
  /** The page above, as a link over the title. */
  above?: { href: string; label: string };
  /** Beside the title: what can be done here. */
  actions?: ReactNode;
  /** In place of the title, with an `h1` that takes the focus: gets its properties. */
  head?(heading: { ref: React.Ref<HTMLHeadingElement>; tabIndex: -1 }): ReactNode;
}

/** A page with its title; every page is one of these. After navigation its heading is focused. */
export function Page({ title, above, actions, head, children }: PageProps) {
  const { product } = useTexts().shell;
  const company = useCompanyName();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const parts = [title === product ? null : title, product, company];
    document.title = parts.filter(Boolean).join(' – ');
  }, [title, product, company]);
  useEffect(() => {
    if (shown) {
      heading.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    shown = true;
  }, []);
  return (
    <main id="main" tabIndex={-1}>
      <header className="head">
        <div>
          {above && (
            <p className="above">
              <Link href={above.href}>{above.label}</Link>
            </p>
          )}
          {head?.({ ref: heading, tabIndex: -1 }) ?? (
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
          )}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </main>
  );
}

/** A part of a page with a heading of its own. */
export function Panel({ title, actions, children }: { title?: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="panel" aria-label={title}>
      {(title || actions) && (
        <header>
          {title && <h2>{title}</h2>}
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}

/** Pairs of a name and a value. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
