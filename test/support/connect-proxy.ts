import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ProxyLogin, ProxyServer } from './proxy-server';

/** An HTTP proxy that knows CONNECT alone. */
export class ConnectProxy extends ProxyServer {
  static async start(login: ProxyLogin | null = null): Promise<ConnectProxy> {
    const server = createServer((_request, response) => response.writeHead(405).end());
    const proxy = new ConnectProxy(server, 'http', login);
    server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      void proxy.serve(request, socket, head);
    });
    return proxy.listen();
  }

  private async serve({ url = '', headers }: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    const [, encoded = ''] = /^Basic (.+)$/.exec(headers['proxy-authorization'] ?? '') ?? [];
    const [user = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
    if (!this.admits(user, password.join(':'))) {
      // What a careless program would take for the upstream's own word on the key.
      const body = JSON.stringify({ error: { message: 'Incorrect API key provided', code: 'invalid_api_key' } });
      const type = 'Content-Type: application/json\r\n';
      client.end(`HTTP/1.1 407 Proxy Authentication Required\r\n${type}Content-Length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const target = await this.reach(hostname, Number(port) || 80);
    if (!target) {
      client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) target.write(head);
    this.join(client, target);
  }
}
