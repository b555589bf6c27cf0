import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const DRAIN_STEP_MS = 50;

/** With a listener of our own the framework sets none of these. */
const TIME_LIMITS = {
  headersTimeout: 15_000,
  requestTimeout: 300_000,
  connectionsCheckingInterval: 5_000,
  // Longer than the idle time of common load balancers, so that they never meet a connection we are closing.
  keepAliveTimeout: 75_000,
};

/** The HTTP server: listens, and closes so that whoever is being served is served to the end. */
export class HttpFront {
  private readonly server: Server;
  /** Each open connection with the answer it waits for or had last; null: nothing was asked on it yet. */
  private readonly connections = new Map<Socket, ServerResponse | null>();
  private isDraining = false;

  constructor(listener: RequestListener) {
    this.server = createServer(TIME_LIMITS, (request, response) => {
      this.connections.set(request.socket, response);
      if (this.isDraining) response.shouldKeepAlive = false;
      listener(request, response);
    });
    this.server.on('connection', (socket) => {
      this.connections.set(socket, null);
      socket.on('close', () => this.connections.delete(socket));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async listen(port: number, host: string | null): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ port, ...(host !== null && { host }) }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** Accepts nothing new, finishes what was asked, and cuts off what is not finished in time. */
  async drain(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    const closed = new Promise<'closed'>((resolve) => {
      this.server.close(() => {
        resolve('closed');
      });
    });
    this.isDraining = true;
    this.announceClosing();
    // A connection that falls idle after close() would otherwise be kept for its whole keep-alive time.
    while (performance.now() < deadlineMs && (await Promise.race([closed, sleep(DRAIN_STEP_MS)])) !== 'closed') {
      this.server.closeIdleConnections();
    }
    this.server.closeAllConnections();
    await closed;
    // The server counts a connection as closed before those who were served on it have heard; what they record then counts.
    while (this.connections.size > 0) await sleep(1);
  }

  private announceClosing(): void {
    for (const [socket, response] of this.connections) {
      // The server does not count a connection as idle before its first request.
      if (response === null) socket.destroy();
      else if (!response.headersSent) response.shouldKeepAlive = false;
    }
  }
}
