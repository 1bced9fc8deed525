import { Link } from 'wouter';
import { type ResultOf, graphql } from '../../graphql';
import { Facts, Panel } from '../../kit/Page';
import { useSay, useTexts } from '../../texts';
import { useViewer } from '../../viewer';

export const AboutDocument = graphql(`
  query AboutHandover($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Handover {
        state
        createdAt
        finishedAt
        from {
          id
          name
          status
        }
        requestedBy {
          id
          name
        }
        requestedByIntegration {
          id
          name
        }
        lines {
          kind
        }
        undoes {
          id
          createdAt
          from {
            id
            name
          }
        }
        undoneBy {
          id
          createdAt
        }
      }
    }
  }
`);

export type AboutHandover = Extract<NonNullable<ResultOf<typeof AboutDocument>['node']>, { __typename: 'Handover' }>;

/** Whose work it is, who began it and when, and what it takes back. */
export function About({ handover }: { handover: AboutHandover }) {
  const texts = useTexts();
  const words = texts.handovers;
  const say = useSay();
  const { may } = useViewer();
  const { from, requestedBy, requestedByIntegration, createdAt, finishedAt, undoes, undoneBy } = handover;
  return (
    <Panel title={words.about}>
      <Facts
        of={[
          ...(from ? [[words.from, <Link key="from" href={`/people/${from.id}`}>{from.name}</Link>] as const] : []),
          [
            words.requestedBy,
            <span key="by">
              <Link href={`/people/${requestedBy.id}`}>{requestedBy.name}</Link>
              {requestedByIntegration && ` ${words.byIntegration(requestedByIntegration.name)}`}
            </span>,
          ],
          [words.begun, <time key="begun" dateTime={createdAt}>{say.dateTime(createdAt)}</time>],
          [words.ended, finishedAt ? <time dateTime={finishedAt}>{say.dateTime(finishedAt)}</time> : words.notEnded],
          ...(undoes
            ? [
                [
                  words.undoes,
                  <Link key="undoes" href={`/handovers/${undoes.id}`}>
                    {undoes.from ? words.workOf(undoes.from.name) : words.picked}, {say.dateTime(undoes.createdAt)}
                  </Link>,
                ] as const,
              ]
            : []),
          ...(undoneBy
            ? [
                [
                  words.undoneBy,
                  <Link key="undoneBy" href={`/handovers/${undoneBy.id}`}>
                    {words.undo}, {say.dateTime(undoneBy.createdAt)}
                  </Link>,
                ] as const,
              ]
            : []),
        ]}
      />
      {may('READ_AUDIT_LOG') && (
        <p className="on-screen">
          <Link href={`/audit?about=${handover.id}`}>{words.history}</Link>
        </p>
      )}
    </Panel>
  );
}
