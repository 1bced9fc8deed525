import { Link } from 'wouter';
import { type FragmentOf, graphql, readFragment } from '../graphql';
import { hostOf } from '../lib/host';
import { useTexts } from '../texts';

/** What any object is called. */
export const SubjectParts = graphql(`
  fragment SubjectParts on Node {
    __typename
    id
    ... on User {
      name
    }
    ... on Department {
      name
    }
    ... on Task {
      title
    }
    ... on TaskTemplate {
      title
    }
    ... on CrmItem {
      title
    }
    ... on CrmActivity {
      subject
    }
    ... on CrmRole {
      name
    }
    ... on Calendar {
      name
    }
    ... on Event {
      title
    }
    ... on Folder {
      name
    }
    ... on File {
      name
    }
    ... on Integration {
      name
    }
    ... on Directory {
      name
    }
    ... on DirectoryGroup {
      displayName
    }
    ... on IdentityProvider {
      name
    }
    ... on Webhook {
      url
    }
  }
`);

export type SubjectOf = FragmentOf<typeof SubjectParts>;

/** The page that shows an object, where there is one. */
const PAGES: Record<string, (id: string) => string> = {
  user: (id) => `/people/${id}`,
  department: (id) => `/people?department=${id}`,
  task: (id) => `/work/tasks?state=all&task=${id}`,
  tasktemplate: (id) => `/work/recurring?template=${id}`,
  crmitem: (id) => `/work/crm/${id}`,
  crmactivity: (id) => `/work/activities?state=all&activity=${id}`,
  crmrole: (id) => `/settings/crm-roles/${id}`,
  calendar: (id) => `/calendars/${id}`,
  folder: (id) => `/files/${id}`,
  identityprovider: () => '/settings/sign-in',
  integration: () => '/settings/integrations',
  directory: (id) => `/directories/${id}`,
  handover: (id) => `/handovers/${id}`,
  webhook: (id) => `/settings/webhooks/${id}`,
};

export interface Subject {
  id: string;
  /** Nothing where an object has no name of its own: a handover, a session. */
  name: string | undefined;
  href: string | undefined;
}

export function subjectOf(of: SubjectOf): Subject {
  const node = readFragment(SubjectParts, of);
  const name =
    'name' in node
      ? node.name
      : 'title' in node
        ? node.title
        : 'subject' in node
          ? node.subject
          : 'displayName' in node
            ? node.displayName
            : 'url' in node
              ? hostOf(node.url)
              : undefined;
  return { id: node.id, name, href: PAGES[node.__typename.toLowerCase()]?.(node.id) };
}

/** The name of an object, as a link to its page. */
export function SubjectLink({ of, name }: { of: SubjectOf; name?: string }) {
  const texts = useTexts();
  const subject = subjectOf(of);
  const words = name ?? subject.name ?? texts.common.unknown;
  return subject.href ? <Link href={subject.href}>{words}</Link> : <span>{words}</span>;
}
