import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request exactly as it came and its answer exactly as it was sent, and the means to send it. */
export class RecordedExchange {
  readonly method: string;
  /** The request target as it came, query included. */
  readonly target: string;
  /** Names and values by turns, as they came. */
  readonly requestHeaders: readonly string[];
  requestBody = Buffer.alloc(0);
  status = 0;
  /** Names and values by turns, as they were given; what belongs to the connection may be added to them. */
  answerHeaders: readonly string[] = [];
  /** The other side went before the end of the answer. */
  isAborted = false;
  private readonly sent: Buffer[] = [];

  constructor(
    request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.method = request.method ?? '';
    this.target = request.url ?? '';
    this.requestHeaders = request.rawHeaders;
    response.sendDate = false;
    response.on('close', () => {
      this.isAborted = !response.writableEnded;
    });
  }

  get answerBody(): Buffer {
    return Buffer.concat(this.sent);
  }

  get isOpen(): boolean {
    return !this.response.closed && !this.response.destroyed;
  }

  /** The value of a header of the request; null when it was not sent. */
  requestHeader(wanted: string): string | null {
    const at = this.requestHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === wanted);
    return at === -1 ? null : (this.requestHeaders[at + 1] ?? null);
  }

  start(status: number, headers: readonly string[]): void {
    this.status = status;
    this.answerHeaders = headers;
    this.response.writeHead(status, [...headers]);
    this.response.flushHeaders();
  }

  write(piece: Buffer): void {
    this.sent.push(piece);
    this.response.write(piece);
  }

  end(): void {
    this.response.end();
  }

  /** Cuts the connection in place of the rest of the answer. */
  sever(): void {
    this.response.destroy();
  }

  /** Settles when the answer is out or the other side is gone. */
  async over(): Promise<void> {
    if (this.isOpen) await new Promise((resolve) => this.response.once('close', resolve));
  }
}
