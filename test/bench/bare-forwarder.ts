import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Dispatcher, Pool } from 'undici';

// The yardstick: the least that a correct forwarder on node:http and undici does. It knows no tokens, keys or models and
// never looks into a body, but it does honour back-pressure, client aborts and hop-by-hop headers, as the relay does.

const NEVER_SENT_ON = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']);
const POOL_OPTIONS = { pipelining: 1, keepAliveTimeout: 20_000, keepAliveMaxTimeout: 25_000 };

/** Passes one answer on as it comes. */
class Forwarding implements Dispatcher.DispatchHandler {
  private abortRequest: (() => void) | null = null;
  private resume: (() => void) | null = null;
  private isOver = false;

  constructor(private readonly client: ServerResponse) {
    client.on('drain', () => this.resume?.());
    client.on('close', () => {
      if (!this.isOver) this.abortRequest?.();
    });
  }

  onConnect(abort: () => void): void {
    this.abortRequest = abort;
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    this.resume = resume;
    const headers: string[] = [];
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const name = (rawHeaders[i] ?? '').toString('latin1');
      const lowerName = name.toLowerCase();
      if (lowerName === 'content-length' || !NEVER_SENT_ON.has(lowerName)) {
        headers.push(name, (rawHeaders[i + 1] ?? '').toString('latin1'));
      }
    }
    this.client.writeHead(status, headers);
    return true;
  }

  onData(chunk: Buffer): boolean {
    return this.client.write(chunk);
  }

  onComplete(): void {
    this.isOver = true;
    this.client.end();
  }

  onError(): void {
    this.isOver = true;
    this.client.destroy();
  }
}

function forward(pool: Pool, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const headers: string[] = [];
  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!NEVER_SENT_ON.has(name.toLowerCase())) headers.push(name, rawHeaders[i + 1] ?? '');
  }
  const path = request.url ?? '/';
  pool.dispatch({ method: 'POST', path, headers, body }, new Forwarding(response));
}

async function listen(origin: string): Promise<number> {
  const pool = new Pool(origin, POOL_OPTIONS);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [only] = chunks;
      forward(pool, request, response, only && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
  });
  server.keepAliveTimeout = 75_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

// One port for each origin.
void Promise.all(process.argv.slice(2).map(listen)).then((ports) => process.stdout.write(`ports ${ports.join(' ')}\n`));
// The bench holds the other end: it goes when the bench goes, however that happens.
process.stdin.on('close', () => process.exit()).resume();
