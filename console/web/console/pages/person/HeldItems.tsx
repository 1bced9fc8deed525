import { Link } from 'wouter';
import { type ResultOf, type WorkKind, graphql } from '../../graphql';
import { Radios } from '../../kit/Choices';
import { DataTable } from '../../kit/DataTable';
import { Dialog } from '../../kit/Dialog';
import { Tag } from '../../kit/Tag';
import { useList } from '../../lib/useData';
import { oneOf } from '../../lib/useUrlState';
import { type Say, type Texts, useSay, useTexts } from '../../texts';

const HeldItemsDocument = graphql(`
  query HeldItems($userId: ID!, $kind: WorkKind!, $open: Boolean, $first: Int!, $after: String) {
    heldItems(userId: $userId, kind: $kind, open: $open, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        __typename
        id
        ... on Task {
          title
          taskStatus: status
          deadline
        }
        ... on TaskTemplate {
          title
          stalled
          nextRunAt
        }
        ... on CrmItem {
          title
          stage
          amount
          currency
        }
        ... on CrmActivity {
          subject
          activityKind: kind
          deadline
          item {
            id
            title
          }
        }
        ... on Folder {
          name
          path
        }
        ... on File {
          name
          path
          size
        }
        ... on Calendar {
          name
          owner {
            id
            name
          }
        }
        ... on Event {
          title
          startsAt
          location
        }
        ... on Department {
          name
          memberCount
        }
        ... on Integration {
          name
          lastUsedAt
        }
      }
    }
  }
`);

const KINDS = [
  'TASK_RESPONSIBLE',
  'TASK_CREATOR',
  'TASK_PARTICIPANT',
  'TASK_OBSERVER',
  'TASK_TEMPLATE',
  'CRM_LEAD',
  'CRM_DEAL',
  'CRM_CONTACT',
  'CRM_COMPANY',
  'CRM_QUOTE',
  'CRM_INVOICE',
  'CRM_ACTIVITY',
  'DRIVE',
  'CALENDAR',
  'EVENT_ORGANIZER',
  'DEPARTMENT_HEAD',
  'INTEGRATION',
] as const satisfies readonly WorkKind[];

/** Which items are open, in the address. */
export const HELD = { kind: oneOf('none', ...KINDS), show: oneOf('open', 'closed', 'all') };

type Show = 'open' | 'closed' | 'all';

interface HeldItemsProps {
  userId: string;
  kind: WorkKind;
  title: string;
  show: Show;
  onShow(show: Show): void;
  onClose(): void;
}

/** The items of one kind that somebody holds, in a sheet beside the page. */
export function HeldItems({ userId, kind, title, show, onShow, onClose }: HeldItemsProps) {
  const texts = useTexts();
  const words = texts.person;
  const say = useSay();
  const open = show === 'all' ? null : show === 'open';
  const list = useList(HeldItemsDocument, { userId, kind, open }, ({ heldItems }) => heldItems);
  return (
    <Dialog title={title} isOpen onClose={onClose} sheet>
      <Radios
        label={words.which}
        hideLabel
        segments
        value={show}
        onChange={onShow}
        options={[
          { value: 'open', label: words.open },
          { value: 'closed', label: words.closed },
          { value: 'all', label: texts.common.all },
        ]}
      />
      <DataTable
        label={title}
        list={list}
        count={texts.common.items}
        keyOf={({ id }) => id}
        empty={words.nothingOfThis}
        head={{
          label: texts.common.name,
          cell: (item) => {
            const { name, href, line } = shownAs(item, texts, say);
            return (
              <>
                {href ? <Link href={href}>{name}</Link> : name}
                {line && <small>{line}</small>}
              </>
            );
          },
        }}
        columns={[{ id: 'detail', label: texts.common.details, cell: (item) => detail(item, texts, say) }]}
      />
    </Dialog>
  );
}

type Item = ResultOf<typeof HeldItemsDocument>['heldItems']['nodes'][number];

/** The name of an item, the page that shows it, and what helps to tell it from others. */
function shownAs(item: Item, texts: Texts, say: Say): { name: string; href?: string; line?: string | null | undefined } {
  const { person: words, enums } = texts;
  switch (item.__typename) {
    case 'Task':
      return { name: item.title, line: enums.taskStatus[item.taskStatus] };
    case 'TaskTemplate':
      return { name: item.title, href: '/work/recurring' };
    case 'CrmItem':
      return { name: item.title, href: `/work/crm/${item.id}`, line: item.stage };
    case 'CrmActivity':
      return {
        name: item.subject,
        ...(item.item ? { href: `/work/crm/${item.item.id}` } : {}),
        line: [enums.crmActivityKind[item.activityKind], item.item?.title].filter(Boolean).join(' · '),
      };
    case 'Folder':
      return { name: item.name, href: `/files/${item.id}`, line: item.path };
    case 'File':
      return { name: item.name, line: item.path };
    case 'Calendar':
      return { name: item.name, href: `/calendars/${item.id}`, line: words.calendarOf(item.owner.name) };
    case 'Event':
      return { name: item.title, line: item.location };
    case 'Department':
      return { name: item.name, href: `/people?department=${item.id}` };
    case 'Integration':
      return { name: item.name, href: '/settings/integrations' };
    default:
      return { name: item.id };
  }
}

/** What matters of an item: when it is due, what it is worth, how large it is. */
function detail(item: Item, texts: Texts, say: Say) {
  const words = texts.person;
  switch (item.__typename) {
    case 'Task':
    case 'CrmActivity':
      return item.deadline && words.due(say.date(item.deadline));
    case 'TaskTemplate':
      if (item.stalled) return <Tag tone="bad">{words.stalled}</Tag>;
      return item.nextRunAt && words.next(say.dateTime(item.nextRunAt));
    case 'CrmItem':
      return item.amount && say.money(item.amount, item.currency);
    case 'File':
      return say.bytes(item.size);
    case 'Event':
      return item.startsAt && say.dateTime(item.startsAt);
    case 'Department':
      return texts.common.people(item.memberCount);
    case 'Integration':
      return item.lastUsedAt && words.lastUsed(say.ago(item.lastUsedAt));
    default:
      return null;
  }
}
