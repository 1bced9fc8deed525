// The client of the API. One for each person who signs in: what was read for one is not there for the next.

import { Client, type Exchange, fetchExchange, makeOperation, mapExchange, subscriptionExchange } from 'urql';
import { cache } from './cache';
import { streaming } from './streams';
import { send, sendPatiently } from './transport';

const fetchOptions = { headers: { accept: 'application/graphql-response+json' }, credentials: 'omit' } as const;

/** Queries wait for the connection; mutations are never sent later than they were meant. */
const patience: Exchange = mapExchange({
  onOperation: (operation) =>
    makeOperation(operation.kind, operation, {
      ...operation.context,
      fetch: operation.kind === 'mutation' ? send : sendPatiently,
    }),
});

export const makeClient = (): Client =>
  new Client({
    url: '/graphql',
    fetchOptions,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    exchanges: [cache(), patience, fetchExchange, subscriptionExchange({ forwardSubscription: streaming() })],
  });

/** For what is done before signing in: accepting an invitation, setting a new password. */
export const makeAnonymousClient = (): Client =>
  new Client({ url: '/graphql', fetchOptions, preferGetMethod: false, exchanges: [fetchExchange] });
