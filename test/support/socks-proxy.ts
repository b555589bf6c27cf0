import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type ProxyLogin, ProxyServer } from './proxy-server';

const VERSION = 5;
const METHOD = { none: 0, password: 2, unacceptable: 0xff };
const KIND = { ipv4: 1, name: 3 };
const REPLY = { granted: 0, refused: 5 };

/** A SOCKS5 proxy (RFC 1928, 1929) that knows CONNECT to names and IPv4 addresses. */
export class SocksProxy extends ProxyServer {
  static async start(login: ProxyLogin | null = null): Promise<SocksProxy> {
    const server = createServer();
    const proxy = new SocksProxy(server, 'socks5', login);
    server.on('connection', (socket) => {
      proxy.serve(socket).catch(() => socket.destroy());
    });
    return proxy.listen();
  }

  private async serve(client: Socket): Promise<void> {
    const [, count = 0] = await read(client, 2);
    const methods = await read(client, count);
    const method = this.login ? METHOD.password : METHOD.none;
    if (!methods.includes(method)) {
      this.turnedAway += 1;
      client.end(Buffer.from([VERSION, METHOD.unacceptable]));
      return;
    }
    client.write(Buffer.from([VERSION, method]));
    if (this.login && !(await this.checkLogin(client))) return;
    const { host, port } = await readTarget(client);
    const target = await this.reach(host, port);
    const reply = Buffer.from([VERSION, target ? REPLY.granted : REPLY.refused, 0, KIND.ipv4, 0, 0, 0, 0, 0, 0]);
    if (!target) {
      client.end(reply);
      return;
    }
    client.write(reply);
    this.join(client, target);
  }

  private async checkLogin(client: Socket): Promise<boolean> {
    const [, userLength = 0] = await read(client, 2);
    const user = (await read(client, userLength)).toString();
    const [passwordLength = 0] = await read(client, 1);
    const password = (await read(client, passwordLength)).toString();
    const isAdmitted = this.admits(user, password);
    if (isAdmitted) client.write(Buffer.from([1, 0]));
    else client.end(Buffer.from([1, 1]));
    return isAdmitted;
  }
}

async function readTarget(client: Socket): Promise<{ host: string; port: number }> {
  const [, , , kind] = await read(client, 4);
  const host = kind === KIND.ipv4 ? (await read(client, 4)).join('.') : await readName(client);
  return { host, port: (await read(client, 2)).readUInt16BE() };
}

async function readName(client: Socket): Promise<string> {
  const [length = 0] = await read(client, 1);
  return (await read(client, length)).toString();
}

async function read(client: Socket, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes = client.read(length) as Buffer | null;
    if (bytes?.length === length) return bytes;
    if (bytes || client.readableEnded) throw new Error('The client left');
    await once(client, 'readable');
  }
}
