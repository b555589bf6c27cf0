import type { IncomingMessage, ServerResponse } from 'node:http';
import { upstreamPath } from '../channels/upstream-path';
import type { AttemptRecord, EndReason } from '../usage/request-record';
import type { AttemptPlan, PlannedAttempt } from './attempt-plan';
import { type Failure, refusalOf, scopeOf, worthTelling } from './failure';
import { errorBody, refuse, REFUSALS, type Refusal, upstreamAnswered } from './refusal';
import { clientHeaders, headerValue, recodedHeaders, upstreamHeaders } from './relay-headers';
import type { RelayRequest } from './relay-request';
import { scrubbedBody } from './scrubbed-body';
import { type AnswerHead, type AttemptListener, UpstreamAttempt } from './upstream-attempt';
import type { UpstreamPools } from './upstream-pools';

/** The attempts and the end of one relayed request. */
export interface ExchangeOutcome {
  readonly request: RelayRequest;
  /** HTTP status of our answer. */
  readonly status: number;
  readonly endReason: EndReason;
  readonly attempts: readonly AttemptRecord[];
}

/** What every exchange of this process uses. */
export interface ExchangeServices {
  readonly pools: UpstreamPools;
  readonly exposesRoute: boolean;
  /** Told once, before the last byte of the answer goes out. */
  readonly onOver: (outcome: ExchangeOutcome) => void;
}

/** The two ends of the client's request. */
export interface ClientConnection {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const BROKEN_STREAM: Refusal = { ...REFUSALS.unreachable, message: 'The upstream broke off within its answer' };

/** Carries one request to upstreams until one answers, and the answer back; ends exactly once, whatever happens. */
export class RelayExchange implements AttemptListener {
  private readonly attempts: (AttemptRecord & { status: number })[] = [];
  private current: UpstreamAttempt | null = null;
  private route: PlannedAttempt | null = null;
  private failure: Failure | null = null;
  private takesErrorEvent = false;
  private isOver = false;
  private readonly onClientClosed = (): void => {
    if (this.isOver) return;
    this.current?.abort();
    this.end(this.client.response.statusCode, 'client_gone');
  };

  constructor(
    private readonly services: ExchangeServices,
    private readonly relayed: RelayRequest,
    private readonly plan: AttemptPlan,
    private readonly client: ClientConnection,
  ) {}

  start(): void {
    const { response } = this.client;
    response.on('drain', () => {
      this.current?.onClientDrain();
    });
    response.on('close', this.onClientClosed);
    // An answer that waits for its turn behind an earlier one on this connection hears nothing of the connection.
    if (!response.socket) this.client.request.socket.on('close', this.onClientClosed);
    const planned = this.plan.first();
    if (planned) this.attempt(planned);
    else this.refuseAndEnd(REFUSALS.noUpstreamKey, 'refused');
  }

  onSent(): void {
    const lease = this.route?.lease;
    if (!lease) return;
    const { channelId, keyId, index: keyIndex } = lease;
    this.attempts.push({ channelId, keyId, keyIndex, startedAtMs: Date.now(), status: 0 });
  }

  onAnswer({ status, rawHeaders, isEventStream }: AnswerHead): void {
    const { response } = this.client;
    this.noteStatus(status);
    const headers = clientHeaders(rawHeaders, this.relayed.requestId, this.route?.lease.secret ?? '');
    // An error event of ours could only be read within a stream that is not compressed.
    this.takesErrorEvent = isEventStream && headerValue(rawHeaders, 'content-encoding') === '';
    if (isEventStream) headers.push('x-accel-buffering', 'no');
    if (this.services.exposesRoute) headers.push(...this.routeHeaders());
    response.writeHead(status, headers);
    // The head of a stream tells the client that it has begun; the first event may be long in coming.
    if (isEventStream) response.flushHeaders();
  }

  /** The body is the client's to read, but not a key that it may quote. */
  onRejected(status: number, rawHeaders: readonly Buffer[], body: Buffer): void {
    const { response } = this.client;
    const secret = this.route?.lease.secret ?? '';
    this.noteStatus(status);
    const scrubbed = scrubbedBody(body, headerValue(rawHeaders, 'content-encoding'), secret);
    if (!scrubbed) {
      this.refuseAndEnd({ ...upstreamAnswered(status), status }, 'upstream_error');
      return;
    }
    const headers = recodedHeaders(clientHeaders(rawHeaders, this.relayed.requestId, secret), scrubbed.length);
    if (this.services.exposesRoute) headers.push(...this.routeHeaders());
    this.end(status, 'done');
    response.writeHead(status, headers);
    response.end(scrubbed);
  }

  onFailed(failure: Failure): void {
    if ('status' in failure) this.noteStatus(failure.status);
    if (this.isOver) return;
    this.failure = worthTelling(this.failure, failure);
    const planned = this.plan.next(scopeOf(failure));
    if (planned) this.attempt(planned);
    else this.refuseAndEnd(refusalOf(this.failure), endReasonOf(this.failure));
  }

  onDone(): void {
    const { response } = this.client;
    this.end(response.statusCode, 'done');
    response.end();
  }

  onBroken(failure: Failure): void {
    const { response } = this.client;
    if (!response.headersSent) {
      this.refuseAndEnd(refusalOf(failure), endReasonOf(failure));
      return;
    }
    this.end(response.statusCode, endReasonOf(failure));
    if (this.takesErrorEvent) {
      // The break may be within an event: a blank line ends that one, so that the error stands alone.
      response.end(`\n\ndata: ${errorBody(BROKEN_STREAM)}\n\n`);
    } else {
      response.destroy();
    }
  }

  private attempt(planned: PlannedAttempt): void {
    const { channel, lease } = planned;
    const { request, response } = this.client;
    const attempt = new UpstreamAttempt(response, this, lease.secret);
    this.route = planned;
    this.current = attempt;
    try {
      this.services.pools.get(channel.origin).dispatch(
        {
          method: 'POST',
          path: upstreamPath(channel.basePath, this.relayed.path, this.relayed.query),
          headers: upstreamHeaders(request.rawHeaders, request.headers.connection, lease.secret),
          body: this.relayed.bodyFor(channel),
        },
        attempt,
      );
    } catch {
      // A refused address; whatever else it may be, this attempt reached nobody.
      this.onFailed({ kind: 'unreachable' });
    }
  }

  private refuseAndEnd(refusal: Refusal, endReason: EndReason): void {
    this.end(refusal.status, endReason);
    refuse(
      this.client.response,
      this.relayed.requestId,
      refusal,
      this.services.exposesRoute ? this.routeHeaders() : [],
    );
  }

  private end(status: number, endReason: EndReason): void {
    if (this.isOver) return;
    this.isOver = true;
    this.client.request.socket.off('close', this.onClientClosed);
    this.services.onOver({ request: this.relayed, status, endReason, attempts: this.attempts });
  }

  private noteStatus(status: number): void {
    const last = this.attempts.at(-1);
    if (last) last.status = status;
  }

  private routeHeaders(): string[] {
    if (!this.route) return [];
    const { channel, lease } = this.route;
    return [
      'x-keymux-channel',
      String(channel.id),
      'x-keymux-key-index',
      String(lease.index),
      'x-keymux-attempts',
      String(this.plan.attemptCount),
    ];
  }
}

function endReasonOf(failure: Failure): EndReason {
  return failure.kind === 'timeout' ? 'timeout' : 'upstream_error';
}
