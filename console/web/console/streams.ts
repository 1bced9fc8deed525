// Subscriptions, each as a stream of server-sent events. A browser opens six connections to a server: a tab uses two of
// them for streams at most, and none while nobody has looked at it for a minute.

import { type Client, createClient } from 'graphql-sse';
import type { SubscriptionForwarder } from 'urql';
import { accessToken, replaceToken } from './session';
import { sendPatiently } from './transport';

const PLACES = 2;
const UNSEEN = 60_000;

interface Stream {
  open(): void;
  close(): void;
}

const streams = new Set<Stream>();
let seen = true;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Gives the places to the streams that came first. */
function arrange(): void {
  [...streams].forEach((stream, place) => (seen && place < PLACES ? stream.open() : stream.close()));
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  const look = (visible: boolean) => {
    seen = visible;
    arrange();
  };
  if (document.visibilityState === 'visible') look(true);
  else timer = setTimeout(look, UNSEEN, false);
});

const locked = (result: { errors?: readonly { extensions?: Record<string, unknown> }[] }) =>
  result.errors?.some((error) => error.extensions?.['code'] === 'UNAUTHENTICATED');

/** The subscriptions of a client. */
export function streaming(): SubscriptionForwarder {
  const sse: Client = createClient({ url: '/graphql', fetchFn: sendPatiently, retryAttempts: Infinity });
  return ({ query, variables }) => ({
    subscribe(sink) {
      let close: (() => void) | undefined;
      const stream: Stream = {
        open() {
          if (close) return;
          let current = true;
          let ended = false;
          const stop = sse.subscribe<Record<string, unknown>>(
            { query: query ?? '', variables },
            {
              next(result) {
                if (locked(result)) ended = true;
                else sink.next(result as Parameters<typeof sink.next>[0]);
              },
              error(cause) {
                if (current) sink.error(cause);
              },
              complete() {
                if (!current) return;
                close = undefined;
                // The session ended, and the stream with it: it goes on with the next session.
                if (ended) void restart().catch(() => sink.complete());
                else sink.complete();
              },
            },
          );
          close = () => {
            current = false;
            close = undefined;
            stop();
          };
        },
        close: () => close?.(),
      };
      const restart = async () => {
        await replaceToken(await accessToken());
        if (streams.has(stream)) arrange();
      };
      streams.add(stream);
      arrange();
      return {
        unsubscribe() {
          streams.delete(stream);
          stream.close();
          arrange();
        },
      };
    },
  });
}
