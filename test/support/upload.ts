import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { bearerOf } from './fake-upstream-exchange';

/** One request whose body an upstream reads when and as far as its script wants, and what was read of it. */
export class Upload {
  /** The whole body was read. */
  isWhole = false;
  /** The other side went before it had an answer. */
  isGone = false;
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    response.on('close', () => {
      this.isGone = !response.writableFinished;
    });
  }

  get key(): string | null {
    return bearerOf(this.request);
  }

  get path(): string {
    return this.request.url ?? '';
  }

  get headers(): IncomingMessage['headers'] {
    return this.request.headers;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get receivedBytes(): number {
    return this.chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** Reads up to the end, or until the other side is gone. */
  async readAll(): Promise<void> {
    this.read();
    await finished(this.request).catch(() => undefined);
    this.isWhole = this.request.complete;
  }

  async readAtLeast(bytes: number): Promise<void> {
    this.read();
    while (this.receivedBytes < bytes && !this.request.destroyed) await sleep(1);
    this.request.pause();
  }

  answer(status: number, value: object): void {
    this.response.writeHead(status, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify(value));
  }

  private read(): void {
    this.request.on('data', (chunk: Buffer) => this.chunks.push(chunk));
  }
}
