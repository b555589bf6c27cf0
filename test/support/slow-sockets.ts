import type { Socket } from 'node:net';
import { openSocket } from './raw-connection';

const OPENED_AT_ONCE = 50;
const PAUSE_MS = 1_000;

/** Clients that each begin a request and then send one more byte of its head every second. */
export class SlowSockets {
  private readonly sockets = new Set<Socket>();
  private readonly trickling = setInterval(() => {
    for (const socket of this.sockets) socket.write('x');
  }, PAUSE_MS);
  private answeredCount = 0;

  get openCount(): number {
    return this.sockets.size;
  }

  /** How many were told that they are too slow. */
  get answered(): number {
    return this.answeredCount;
  }

  async open(baseUrl: string, count: number): Promise<void> {
    for (let opened = 0; opened < count; opened += OPENED_AT_ONCE) {
      const wave = Array.from({ length: Math.min(OPENED_AT_ONCE, count - opened) }, () => openSocket(baseUrl));
      for (const socket of await Promise.all(wave)) this.keep(socket);
    }
  }

  stop(): void {
    clearInterval(this.trickling);
    for (const socket of this.sockets) socket.destroy();
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('data', (chunk: Buffer) => {
      if (chunk.toString().startsWith('HTTP/1.1 408 ')) this.answeredCount += 1;
    });
    socket.on('close', () => this.sockets.delete(socket));
    socket.write('GET /v1/models HTTP/1.1\r\nHost: gateway.test\r\nX-Slow: ');
  }
}
