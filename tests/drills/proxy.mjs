// A TCP proxy on the loopback to the port `target`; without a target it refuses connections.
import { createConnection, createServer } from 'node:net';

export class Proxy {
  static async to(target) {
    const proxy = new Proxy();
    proxy.target = target;
    proxy.sockets = new Set();
    proxy.server = createServer((client) => {
      if (!proxy.target) return client.destroy();
      // Accepted, and never answered.
      if (proxy.silent) return proxy.sockets.add(client.on('error', () => {}));
      const upstream = createConnection(proxy.target, '127.0.0.1');
      for (const [one, other] of [[client, upstream], [upstream, client]]) {
        proxy.sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => { proxy.sockets.delete(one); other.destroy(); });
        one.pipe(other);
      }
    });
    await new Promise((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    proxy.port = proxy.server.address().port;
    return proxy;
  }

  // A new target only applies to new connections; existing ones continue until they are cut.
  cut() {
    this.sockets.forEach((socket) => socket.destroy());
  }

  // Existing connections stay open, but nothing passes any more.
  silence() {
    this.silent = true;
    this.sockets.forEach((socket) => socket.pause());
  }

  speak() {
    this.silent = false;
    this.sockets.forEach((socket) => socket.resume());
  }

  close() {
    this.server.close();
    this.cut();
  }
}
