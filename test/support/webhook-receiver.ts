import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as it came in. */
export interface ReceivedHook {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * What a request gets: a status; a redirect; a cut connection; a 200 whose body never ends; or, until `breakSilence`, nothing.
 */
type HookAnswer = number | { readonly redirectTo: string } | 'reset' | 'endless' | 'silence';

/** A real HTTP server that takes webhooks, answers 204 unless told otherwise, and remembers every request. */
export class WebhookReceiver {
  readonly origin: string;
  /** Grows as the requests come. */
  readonly received: ReceivedHook[] = [];
  private readonly queue: HookAnswer[] = [];
  private readonly unanswered: ServerResponse[] = [];

  private constructor(private readonly server: Server) {
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        const { method = '', url: path = '', headers } = request;
        this.received.push({ method, path, headers, body });
        this.answer(response, this.queue.shift() ?? 204);
      });
    });
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new WebhookReceiver(server);
  }

  /** What the next requests get, in this order. */
  answerNext(...answers: HookAnswer[]): void {
    this.queue.push(...answers);
  }

  /** Answers 204 to all requests that were met with silence so far. */
  breakSilence(): void {
    for (const response of this.unanswered.splice(0)) this.answer(response, 204);
  }

  /** Stops listening and cuts every connection. */
  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private answer(response: ServerResponse, answer: HookAnswer): void {
    if (answer === 'silence') this.unanswered.push(response);
    else if (answer === 'reset') response.destroy();
    else if (answer === 'endless') response.writeHead(200).write('and so on');
    else if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(307, { location: answer.redirectTo }).end();
  }
}
