import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { refusalOf, refuseOnSocket } from './broken-connection';
import { ShutdownError } from './common/shutdown.error';
import { faultInHead, MOST_HEADERS } from './request-head';
import { REFUSALS, type Refusal } from './relay/answer/refusal';
import { RelayCall } from './relay/relay-call';

const DRAIN_STEP_MS = 50;
const HEADERS_TIMEOUT_MS = 15_000;
const CHECKING_INTERVAL_MS = 5_000;
const CLOSING: readonly string[] = ['connection', 'close'];

const LIMITS = {
  // Longer than the idle time of common load balancers, so that they never meet a connection we are closing.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16 * 1024,
  // Node would answer without a body; we look for it ourselves.
  requireHostHeader: false,
};

/**
 * The HTTP server: listens, answers for itself what is not fit for the listener, and closes so that whoever is being served
 * is served to the end. What it refuses, and how, is in docs/http-edge.md.
 */
export class HttpFront {
  private readonly server: Server;
  /** Each open connection with the answer it waits for or had last; null: nothing was asked on it yet. */
  private readonly connections = new Map<Socket, ServerResponse | null>();
  private readonly refused = new WeakSet<Socket>();
  private isDraining = false;

  /** A client has `requestTimeoutMs` to send a whole request. */
  constructor(
    private readonly listener: RequestListener,
    requestTimeoutMs: number,
  ) {
    // With a listener of our own the framework sets none of the limits.
    this.server = createServer({ ...LIMITS, ...timeLimits(requestTimeoutMs) });
    // Node drops what exceeds its own limit, so that limit is one higher than ours.
    this.server.maxHeadersCount = MOST_HEADERS + 1;
    this.server.on('connection', (socket) => {
      this.connections.set(socket, null);
      socket.on('close', () => this.connections.delete(socket));
    });
    const serve = this.serve.bind(this);
    this.server.on('request', serve);
    // There is but one expectation, and the others may be ignored.
    this.server.on('checkExpectation', serve);
    this.server.on('checkContinue', this.serveWaiting.bind(this));
    this.server.on('clientError', (error, socket) => {
      this.refuse(socket as Socket, refusalOf(error));
    });
    this.server.on('connect', (_request, socket) => {
      // The server has let go of the socket and of its errors.
      socket.on('error', ignore).resume();
      this.refuse(socket as Socket, REFUSALS.noProxy);
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
    // The server does not know those any more that it has refused.
    for (const socket of this.connections.keys()) {
      this.refused.add(socket);
      socket.destroy(new ShutdownError('The program stops'));
    }
    await closed;
    // The server counts a connection as closed before those who were served on it have heard; what they record then counts.
    while (this.connections.size > 0) await sleep(1);
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    this.connections.set(request.socket, response);
    if (!this.mayStay(request)) response.shouldKeepAlive = false;
    const fault = faultInHead(request);
    if (fault) new RelayCall(request, response).refuse(fault, CLOSING);
    else this.listener(request, response);
  }

  /** For a client that waits for leave to send its body: one that is refused at once need not send it. */
  private serveWaiting(request: IncomingMessage, response: ServerResponse): void {
    const keepsAlive = response.shouldKeepAlive && this.mayStay(request);
    // After a refusal nobody could tell the body from the next request.
    response.shouldKeepAlive = false;
    this.serve(request, response);
    if (response.headersSent) return;
    response.shouldKeepAlive = keepsAlive;
    response.writeContinue();
  }

  /** Whether the connection may serve another request. */
  private mayStay({ headers }: IncomingMessage): boolean {
    // Upgrades are ignored, as HTTP allows; but Node's parser takes nothing more after such a request.
    return !this.isDraining && headers.upgrade === undefined;
  }

  /** Answers for a request that cannot be read, and closes its connection. */
  private refuse(socket: Socket, refusal: Refusal): void {
    // All that still comes on a refused connection is reported as an error, too.
    if (this.refused.has(socket)) return;
    this.refused.add(socket);
    const last = this.connections.get(socket) ?? null;
    if (last === null || last.closed) {
      refuseOnSocket(socket, refusal);
    } else if (last.req.complete) {
      // Answers go out in the order of their requests.
      last.once('close', () => {
        refuseOnSocket(socket, refusal);
      });
    } else if (last.socket === null) {
      new RelayCall(last.req, last).refuse(refusal, CLOSING);
    } else if (last.headersSent) {
      socket.destroy();
    } else {
      refuseOnSocket(socket, refusal);
    }
  }

  private announceClosing(): void {
    for (const [socket, response] of this.connections) {
      // The server does not count a connection as idle before its first request.
      if (response === null) socket.destroy();
      else if (!response.headersSent) response.shouldKeepAlive = false;
    }
  }
}

/** The server takes no head that may take longer than its request. */
function timeLimits(requestTimeoutMs: number): object {
  return {
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
    connectionsCheckingInterval: Math.min(CHECKING_INTERVAL_MS, requestTimeoutMs),
  };
}

function ignore(): void {
  // Node throws an 'error' event that nobody listens to.
}
