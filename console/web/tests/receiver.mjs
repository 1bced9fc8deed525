// A receiver of webhooks on this machine: notes what arrives, and answers as it is told.

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/** The server is allowed to send to this machine. */
export const LOCAL = { HANDOVER_EGRESS_ALLOW: '127.0.0.0/8' };

/** Starts a receiver. `answer`: the status of its answers, to be changed at any time. */
export async function receive() {
  const receiver = { answer: 204, requests: [] };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      receiver.requests.push({ headers: request.headers, body, event: JSON.parse(body) });
      response.writeHead(receiver.answer).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  });
}

/** Whether one of the signatures of a request is made with a secret. */
export function isSignedWith({ headers, body }, secret) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signature = createHmac('sha256', key).update(text).digest('base64');
  return headers['webhook-signature'].split(' ').includes(`v1,${signature}`);
}
