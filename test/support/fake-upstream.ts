import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CountedResponse } from './counted-response';
import { answerLikeOpenAi, refuseKey } from './fake-openai';
import { Exchange, type LedgerEntry } from './fake-upstream-exchange';
import type { Answer } from './fake-upstream-replies';

interface FakeUpstreamOptions {
  /** A free port unless given. */
  readonly port?: number;
  /** False keeps no ledger, for long runs under load. */
  readonly keepLedger?: boolean;
}

/**
 * A real HTTP server that behaves like OpenAI unless told otherwise, and remembers every request it got.
 * Which answer a request gets: `answerNext`, then `killKey`, then `answerKey`, then `answer`, then OpenAI's behaviour.
 */
export class FakeUpstream {
  readonly baseUrl: string;
  private readonly entries: LedgerEntry[] = [];
  private readonly probeEntries: LedgerEntry[] = [];
  private readonly queue: Answer[] = [];
  private readonly probeQueue: Answer[] = [];
  private readonly keyScripts = new Map<string, Answer[]>();
  private readonly deadKeys = new Set<string>();
  private usual: Answer = answerLikeOpenAi;

  private constructor(
    private readonly server: Server<typeof IncomingMessage, typeof CountedResponse>,
    keepLedger: boolean,
  ) {
    this.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const exchange = new Exchange(request, response, server);
      if (keepLedger) (isProbe(exchange) ? this.probeEntries : this.entries).push(exchange.entry);
      exchange.whenRead(() => {
        this.serve(exchange);
      });
    });
  }

  static async start({ port = 0, keepLedger = true }: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
    const server = createServer({ noDelay: true, ServerResponse: CountedResponse, requestTimeout: 0 });
    // Never the first to close an idle connection: the caller's request on it would be lost.
    server.keepAliveTimeout = 0;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new FakeUpstream(server, keepLedger);
  }

  /** Every request of a caller since the start or the last reset; the same array for good, growing as they come. */
  get ledger(): readonly LedgerEntry[] {
    return this.entries;
  }

  /** The same for the requests that Keymux made of its own accord. */
  get probes(): readonly LedgerEntry[] {
    return this.probeEntries;
  }

  /** What every request gets that nothing more special is scripted for. */
  answer(script: Answer): void {
    this.usual = script;
  }

  /** What the requests with this key get, one after the other; the last answer repeats. */
  answerKey(key: string, ...script: Answer[]): void {
    this.keyScripts.set(key, script);
  }

  /** What the next requests of callers get, whatever their key. */
  answerNext(...script: Answer[]): void {
    this.queue.push(...script);
  }

  /** The same for the next requests that Keymux makes of its own accord. */
  answerNextProbe(...script: Answer[]): void {
    this.probeQueue.push(...script);
  }

  /** From now on the key is refused as one that OpenAI does not know. */
  killKey(key: string): void {
    this.deadKeys.add(key);
  }

  reviveKey(key: string): void {
    this.deadKeys.delete(key);
  }

  /** Forgets all scripts, dead keys and requests; answers under way go on. */
  reset(): void {
    for (const list of [this.entries, this.probeEntries, this.queue, this.probeQueue]) list.length = 0;
    this.keyScripts.clear();
    this.deadKeys.clear();
    this.usual = answerLikeOpenAi;
  }

  /** The key of each caller's request that had one, in order of arrival. */
  keysUsed(): string[] {
    return this.entries.flatMap(({ key }) => key ?? []);
  }

  /** Stops listening and cuts every connection. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private serve(exchange: Exchange): void {
    const failed = (error: unknown): void => {
      if (exchange.response.headersSent) exchange.sever('reset');
      else exchange.send(500, `The scripted answer failed: ${String(error)}`, { 'content-type': 'text/plain' });
    };
    try {
      void this.pickAnswer(exchange)(exchange)?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  private pickAnswer(exchange: Exchange): Answer {
    const { key } = exchange.entry;
    const queued = (isProbe(exchange) ? this.probeQueue : this.queue).shift();
    if (queued) return queued;
    if (key === null) return this.usual;
    if (this.deadKeys.has(key)) return refuseKey;
    const script = this.keyScripts.get(key) ?? [];
    return (script.length > 1 ? script.shift() : script[0]) ?? this.usual;
  }
}

function isProbe({ entry }: Exchange): boolean {
  return entry.headers['user-agent'] === 'keymux';
}
