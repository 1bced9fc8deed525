import { type ResultOf, graphql } from '../../graphql';

export const CalendarsDocument = graphql(`
  query Calendars($userId: ID!) {
    viewer {
      user {
        id
        calendars {
          id
          name
          owner {
            id
            name
          }
          keptBy {
            id
            name
          }
        }
        favoriteCalendars {
          id
          name
          owner {
            id
            name
          }
          keptBy {
            id
            name
          }
        }
      }
    }
    heldItems(userId: $userId, kind: CALENDAR, first: 100) {
      totalCount
      nodes {
        __typename
        id
        ... on Calendar {
          name
          owner {
            id
            name
          }
          keptBy {
            id
            name
          }
        }
      }
    }
  }
`);

export const CalendarDocument = graphql(`
  query Calendar($id: ID!) {
    viewer {
      user {
        id
        favoriteCalendars {
          id
        }
      }
    }
    node(id: $id) {
      __typename
      id
      ... on Calendar {
        name
        owner {
          id
          name
        }
        keptBy {
          id
          name
        }
      }
    }
  }
`);

export const EventsDocument = graphql(`
  query Events($id: ID!, $from: DateTime, $to: DateTime, $first: Int!, $after: String) {
    node(id: $id) {
      __typename
      id
      ... on Calendar {
        events(from: $from, to: $to, first: $first, after: $after) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            id
            title
            location
            startsAt
            endsAt
            recurrence
            recurrenceText
            timezone
            overAt
            organizer {
              id
              name
            }
            attendees {
              id
              name
            }
          }
        }
      }
    }
  }
`);

export const CreateCalendar = graphql(`
  mutation CreateCalendar($input: CreateCalendarInput!) {
    createCalendar(input: $input) {
      calendar {
        id
        name
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const RenameCalendar = graphql(`
  mutation RenameCalendar($input: RenameCalendarInput!) {
    renameCalendar(input: $input) {
      calendar {
        id
        name
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const AddFavorite = graphql(`
  mutation AddFavorite($input: FavoriteCalendarInput!) {
    addFavoriteCalendar(input: $input) {
      calendar {
        id
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const RemoveFavorite = graphql(`
  mutation RemoveFavorite($input: FavoriteCalendarInput!) {
    removeFavoriteCalendar(input: $input) {
      calendar {
        id
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const CreateFeed = graphql(`
  mutation CreateFeed($input: CalendarFeedInput!) {
    createCalendarFeed(input: $input) {
      url
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const RevokeFeed = graphql(`
  mutation RevokeFeed($input: CalendarFeedInput!) {
    revokeCalendarFeed(input: $input) {
      calendar {
        id
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const CreateEvent = graphql(`
  mutation CreateEvent($input: CreateEventInput!) {
    createEvent(input: $input) {
      event {
        id
        title
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const UpdateEvent = graphql(`
  mutation UpdateEvent($input: UpdateEventInput!) {
    updateEvent(input: $input) {
      event {
        id
        title
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export interface CalendarRow {
  id: string;
  name: string;
  owner: { id: string; name: string };
  keptBy: { id: string; name: string };
}

type EventsNode = Extract<ResultOf<typeof EventsDocument>['node'], { __typename: 'Calendar' }>;
export type Event = EventsNode['events']['nodes'][number];
