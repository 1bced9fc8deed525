// Connections that last: a WebSocket (RFC 6455) that speaks graphql-transport-ws, an event stream, an upload and a
// download. Each reports how it ended.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const SUBSCRIPTION = 'subscription { userStatusChanged { status } }';

const open = (server) => new Promise((resolve, reject) => {
  const socket = connect(server.port, '127.0.0.1', () => resolve(socket));
  socket.on('error', reject);
});
// Resolves with the time at which a socket was closed by the server.
const closing = (socket) => new Promise((resolve) => {
  socket.on('error', () => {});
  socket.on('close', () => resolve(performance.now()));
});
const head = (lines) => `${lines.join('\r\n')}\r\n\r\n`;

// A frame of a client: masked, as the protocol demands.
const frame = (text) => {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const length = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...length]), mask, payload.map((byte, at) => byte ^ mask[at % 4])]);
};

// Yields the frames of a server, which are short and not masked.
const frames = (buffer) => {
  const found = [];
  for (;;) {
    if (buffer.length < 2) break;
    const long = (buffer[1] & 0x7f) === 126;
    const start = long ? 4 : 2;
    if (buffer.length < start) break;
    const length = long ? buffer.readUInt16BE(2) : buffer[1] & 0x7f;
    if (buffer.length < start + length) break;
    found.push({ opcode: buffer[0] & 0x0f, payload: buffer.subarray(start, start + length) });
    buffer = buffer.subarray(start + length);
  }
  return [found, buffer];
};

// Opens a WebSocket and subscribes. `acknowledged` resolves once the subscription runs, or false if it never does;
// `ended` with the time and the close code.
export const webSocket = async (server, token) => {
  const socket = await open(server);
  const ended = closing(socket);
  let [rest, upgraded, code] = [Buffer.alloc(0), false, undefined];
  let acknowledge;
  const acknowledged = new Promise((resolve) => { acknowledge = resolve; });
  const hear = ({ opcode, payload }) => {
    if (opcode === 8) code = payload.readUInt16BE(0);
    if (opcode === 1 && JSON.parse(payload).type === 'connection_ack') {
      socket.write(frame(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } })));
      acknowledge(true);
    }
  };
  socket.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    if (!upgraded) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      upgraded = true;
      rest = rest.subarray(end + 4);
      socket.write(frame(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } })));
    }
    let found;
    [found, rest] = frames(rest);
    found.forEach(hear);
  });
  socket.on('close', () => acknowledge(false));
  socket.write(head(['GET /graphql HTTP/1.1', 'Host: drill', 'Upgrade: websocket', 'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: graphql-transport-ws']));
  return { acknowledged, ended: ended.then((at) => ({ at, code })), close: () => socket.destroy() };
};

// Opens an event stream; resolves once the server has accepted it.
export const eventStream = async (server, token) => {
  const response = await fetch(`${server.address}/graphql`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: SUBSCRIPTION }),
  });
  if (response.status !== 200) throw new Error(`event stream: ${response.status}`);
  const ended = (async () => {
    let text = '';
    for await (const piece of response.body) text += new TextDecoder().decode(piece);
    return { at: performance.now(), text };
  })();
  return { ended };
};

// Begins an upload of `size` bytes, of which a byte follows every 20 ms, so that it would last.
export const upload = async (server, token, folder, name, size = 1 << 20) => {
  const socket = await open(server);
  const ended = closing(socket);
  let answer = '';
  socket.on('data', (bytes) => { answer += bytes; });
  socket.write(head([`POST /drive/${folder}?name=${name} HTTP/1.1`, 'Host: drill', `Authorization: Bearer ${token}`, `Content-Length: ${size}`]));
  socket.write(Buffer.alloc(1_000));
  const timer = setInterval(() => socket.writable && socket.write(Buffer.alloc(1)), 20);
  return {
    ended: Promise.race([ended, new Promise((resolve) => socket.on('data', () => resolve(performance.now())))]).then((at) => {
      clearInterval(timer);
      socket.destroy();
      return { at, status: Number(answer.split(' ')[1]) || undefined };
    }),
  };
};

// Begins a download and reads none of it until `read`, which resolves with the bytes that still came.
export const download = async (server, token, url) => {
  const socket = await open(server);
  const ended = closing(socket);
  socket.pause();
  socket.write(head([`GET ${new URL(url).pathname} HTTP/1.1`, 'Host: drill', `Authorization: Bearer ${token}`]));
  return {
    read: async () => {
      let received = 0;
      socket.on('data', (bytes) => { received += bytes.length; });
      socket.resume();
      return { at: await ended, received };
    },
  };
};
