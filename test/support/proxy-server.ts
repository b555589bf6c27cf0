import { once } from 'node:events';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';

/** What a proxy asks of those who pass. */
export interface ProxyLogin {
  readonly user: string;
  readonly password: string;
}

/** A real proxy server on a port of its own, which remembers whom it connected. */
export abstract class ProxyServer {
  /** `host:port` of each target that was reached, in the order of arrival; the same array for good. */
  readonly tunnels: string[] = [];
  /** How often somebody came with a wrong login or without one. */
  turnedAway = 0;
  private port = 0;
  private readonly sockets = new Set<Socket>();

  protected constructor(
    private readonly server: Server,
    private readonly scheme: string,
    protected readonly login: ProxyLogin | null,
  ) {
    server.on('connection', (socket: Socket) => {
      this.keep(socket);
    });
  }

  /** The proxy's URL with its own login, or with this one. */
  url(login = this.login): string {
    const userInfo = login ? `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@` : '';
    return `${this.scheme}://${userInfo}127.0.0.1:${this.port}`;
  }

  /** Stops listening and cuts every connection. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  protected async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  /** Whether this login opens the proxy. */
  protected admits(user: string, password: string): boolean {
    const isKnown = this.login === null || (user === this.login.user && password === this.login.password);
    if (!isKnown) this.turnedAway += 1;
    return isKnown;
  }

  /** Null when nobody listens there. */
  protected async reach(host: string, port: number): Promise<Socket | null> {
    const target = connect({ host, port });
    this.keep(target);
    try {
      await once(target, 'connect');
    } catch {
      return null;
    }
    this.tunnels.push(`${host}:${port}`);
    return target;
  }

  /** Passes bytes both ways until either side ends. */
  protected join(client: Socket, target: Socket): void {
    client.pipe(target);
    target.pipe(client);
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }
}
