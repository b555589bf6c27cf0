import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createTestDatabase, type TestDatabase } from './test-database';

/** A database behind a line that a test can cut and mend. */
export class CuttableDatabase {
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  private losesCommit = false;

  private constructor(
    private readonly database: TestDatabase,
    private readonly line: Server,
  ) {
    line.on('connection', (socket) => {
      this.carry(socket);
    });
  }

  static async start(): Promise<CuttableDatabase> {
    const line = createServer().listen(0, '127.0.0.1');
    await once(line, 'listening');
    return new CuttableDatabase(await createTestDatabase(), line);
  }

  /** Over the line. */
  get url(): string {
    const { user, database } = this.database.connection;
    return `postgres://${user}@127.0.0.1:${(this.line.address() as AddressInfo).port}/${database}`;
  }

  /** Past the line, which may be cut. */
  get connection(): TestDatabase['connection'] {
    return this.database.connection;
  }

  /** Breaks every connection, and each new one at once. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  /** Breaks the connection of the next transaction that commits: when it has, and before anybody hears of it. */
  loseNextCommit(): void {
    this.losesCommit = true;
  }

  get hasLostCommit(): boolean {
    return !this.losesCommit;
  }

  async stop(): Promise<void> {
    this.cut();
    await once(this.line.close(), 'close');
    await this.database.drop();
  }

  private carry(socket: Socket): void {
    if (this.isCut) {
      socket.destroy();
      return;
    }
    const { host, port } = this.database.connection;
    const server = connect({ path: `${host}/.s.PGSQL.${port}` });
    socket.on('data', (sent: Buffer) => {
      if (!this.losesCommit || !sent.includes('COMMIT\0')) return;
      this.losesCommit = false;
      server
        .unpipe(socket)
        .once('data', () => socket.destroy())
        .resume();
    });
    for (const [one, other] of [
      [socket, server],
      [server, socket],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
