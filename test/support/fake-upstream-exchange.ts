import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { CountedResponse } from './counted-response';
import { isRecord } from './fake-openai-text';

/** What the fake upstream remembers of one request, in order of arrival. */
export interface LedgerEntry {
  readonly at: number;
  /** The bearer value; failing that, the value of `api-key`, `x-api-key` or `x-goog-api-key`. */
  readonly key: string | null;
  readonly method: string;
  /** The request target as it came, query included. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  body: Buffer;
  /** The status that was sent, null as long as no header went out. */
  status: number | null;
  /** Bytes of the answer's body handed to the socket; settled once `endedAt` is set. */
  bytesSent: number;
  /** The client went before the end of the answer; an end made by the script does not count. */
  aborted: boolean;
  /** The whole answer was sent. */
  finished: boolean;
  endedAt: number | null;
}

/** One request with its whole body, and the means to answer it or to break off. */
export class Exchange {
  readonly entry: LedgerEntry;
  private readonly chunks: Buffer[] = [];
  private isSevered = false;
  private parsed: Record<string, unknown> | null | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: CountedResponse,
    private readonly server: { readonly listening: boolean },
  ) {
    this.entry = {
      at: Date.now(),
      key: keyOf(request),
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: Buffer.alloc(0),
      status: null,
      bytesSent: 0,
      aborted: false,
      finished: false,
      endedAt: null,
    };
    request.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    // A broken upload also closes the response, which is where it is recorded.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    response.on('close', () => {
      this.close();
    });
  }

  /** The request's body as JSON; null when it is not an object. */
  get json(): Record<string, unknown> | null {
    if (this.parsed === undefined) this.parsed = parseObject(this.entry.body);
    return this.parsed;
  }

  get isOpen(): boolean {
    return !this.response.closed && !this.response.destroyed;
  }

  /** Calls back once the whole body is there. */
  whenRead(answer: (exchange: Exchange) => void): void {
    this.request.on('end', () => {
      this.readBody();
      answer(this);
    });
  }

  send(status: number, body: string | Buffer, headers: OutgoingHttpHeaders): void {
    this.start(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    this.response.end(body);
  }

  sendJson(status: number, value: unknown, headers?: OutgoingHttpHeaders): void {
    this.send(status, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
  }

  start(status: number, headers: OutgoingHttpHeaders): void {
    this.response.writeHead(status, headers);
    this.entry.status = status;
  }

  /** Writes one piece and waits until the kernel has it, or the client is gone. */
  async write(piece: string | Uint8Array): Promise<void> {
    if (!this.isOpen) return;
    await new Promise<void>((resolve) => {
      this.response.once('close', resolve);
      this.response.write(piece, () => {
        this.response.off('close', resolve);
        resolve();
      });
    });
  }

  /** Waits, but no longer than the client does. */
  async pause(delayMs: number): Promise<void> {
    if (!this.isOpen) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.response.off('close', done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      this.response.once('close', done);
    });
  }

  /** Ends the connection from this side: with a reset, or politely but too early. */
  sever(how: 'reset' | 'close'): void {
    this.isSevered = true;
    if (how === 'reset') this.request.socket.resetAndDestroy();
    else this.request.socket.destroySoon();
  }

  private readBody(): void {
    const [first] = this.chunks;
    this.entry.body = this.chunks.length === 1 && first ? first : Buffer.concat(this.chunks);
  }

  private close(): void {
    const { entry, response } = this;
    if (!this.request.complete) this.readBody();
    if (response.headersSent) entry.status = response.statusCode;
    entry.bytesSent = response.bodyBytes;
    entry.finished = response.writableFinished;
    // A server that stops listening is being stopped, which destroys its sockets.
    entry.aborted = !entry.finished && !this.isSevered && this.server.listening;
    entry.endedAt = Date.now();
  }
}

export function bearerOf(request: IncomingMessage): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

function keyOf(request: IncomingMessage): string | null {
  const { headers } = request;
  const other = headers['api-key'] ?? headers['x-api-key'] ?? headers['x-goog-api-key'];
  return bearerOf(request) ?? (typeof other === 'string' ? other : null);
}

function parseObject(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
