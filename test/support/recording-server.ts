import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RecordedExchange } from './recorded-exchange';

/** Answers one request, whose body has come. */
export type Respond = (exchange: RecordedExchange) => Promise<void>;

/** A real HTTP server that records every exchange, byte for byte, in the order of arrival. */
export class RecordingServer {
  readonly baseUrl: string;
  readonly exchanges: RecordedExchange[] = [];

  private constructor(
    private readonly server: Server,
    private readonly respond: Respond,
  ) {
    this.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      void this.serve(request, response);
    });
  }

  static async start(respond: Respond): Promise<RecordingServer> {
    const server = createServer({ noDelay: true, requestTimeout: 0 });
    // Never the first to close an idle connection: the next request on it would be lost.
    server.keepAliveTimeout = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RecordingServer(server, respond);
  }

  /** Forgets what was recorded; exchanges under way go on. */
  forget(): void {
    this.exchanges.length = 0;
  }

  /** Stops listening and cuts every connection. */
  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new RecordedExchange(request, response);
    this.exchanges.push(exchange);
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      exchange.requestBody = Buffer.concat(chunks);
      await this.respond(exchange);
    } catch {
      // Whoever waits for an answer learns of it by the cut; a client that is gone needs none.
      exchange.sever();
    }
  }
}
