import { type ResultOf, graphql } from '../../graphql';

/** What the directory says of somebody. */
export const ManagedParts = graphql(`
  fragment ManagedParts on User @_unmask {
    directory {
      userName
      externalId
      linkedAt
      exempt
      manager {
        id
        name
      }
      directory {
        id
        name
      }
    }
  }
`);

export const PersonDocument = graphql(
  `
    query Person($id: ID!) {
      user(id: $id) {
        id
        externalId
        name
        givenName
        familyName
        email
        position
        role
        status
        hiredOn
        department {
          id
          name
        }
        head {
          id
          name
        }
        dismissals {
          id
          state
          effectiveAt
          endedAt
          reason
          failure
          requestedBy {
            id
            name
          }
          handover {
            id
            state
          }
        }
        viewerCan {
          dismiss {
            code
            message
          }
          hire {
            code
            message
          }
          update {
            code
            message
          }
          handOver {
            code
            message
          }
        }
        drive {
          id
        }
        ...ManagedParts
        calendars {
          id
        }
      }
    }
  `,
  [ManagedParts],
);

export type PersonData = NonNullable<ResultOf<typeof PersonDocument>['user']>;
export type PersonDismissal = NonNullable<PersonData['dismissals']>[number];
