import type { IncomingMessage, ServerResponse } from 'node:http';
import { upstreamPath } from '../../channels/upstream-path';
import type { PoolOutlook } from '../../health/pool-outlook';
import type { AttemptRecord, EndReason } from '../../usage/request-record';
import type { AttemptLedger } from './attempt-ledger';
import type { AttemptPlan, PlannedAttempt } from '../plan/attempt-plan';
import type { ExchangeServices } from './exchange-services';
import { finalRefusal, hasTimedOut, noKeyLeft } from '../answer/final-answer';
import { errorBody, refuse, REFUSALS, type Refusal, upstreamAnswered } from '../answer/refusal';
import { type CollectedAnswer, RefusedAnswer } from '../answer/refused-answer';
import { clientHeaders, upstreamHeaders } from '../answer/relay-headers';
import type { RelayRequest } from './relay-request';
import { type AttemptFailure, RequestFailures } from '../retry/request-failures';
import { retryAdvice } from '../retry/retry-advice';
import { isOurOwn, isTimeout, type TransportFailure, transportFailure } from './transport-failure';
import { type AnswerHead, type AttemptListener, UpstreamAttempt } from './upstream-attempt';

/** The attempts and the end of one relayed request. */
export interface ExchangeOutcome {
  readonly request: RelayRequest;
  /** HTTP status of our answer. */
  readonly status: number;
  readonly endReason: EndReason;
  readonly attempts: readonly AttemptRecord[];
}

/** How every exchange of this process goes about it. */
export interface ExchangeSetup {
  readonly services: ExchangeServices;
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
  private readonly ledger: AttemptLedger;
  private attempt: UpstreamAttempt | null = null;
  private failures: RequestFailures | null = null;
  private takesErrorEvent = false;
  private isOver = false;
  private readonly onClientClosed = (): void => {
    if (this.isOver) return;
    this.attempt?.abort();
    this.end(this.client.response.statusCode, 'client_gone');
  };

  constructor(
    private readonly setup: ExchangeSetup,
    private readonly relayed: RelayRequest,
    private readonly plan: AttemptPlan,
    private readonly client: ClientConnection,
  ) {
    this.ledger = setup.services.ledgers.open();
  }

  start(): void {
    const { response } = this.client;
    response.on('drain', () => {
      this.attempt?.onClientDrain();
    });
    response.on('close', this.onClientClosed);
    // An answer that waits for its turn behind an earlier one on this connection hears nothing of the connection.
    if (!response.socket) this.client.request.socket.on('close', this.onClientClosed);
    const planned = this.plan.first();
    if (planned) this.begin(planned, false);
    else this.refuseAndEnd(noKeyLeft(this.outlook(), this.relayed.model), 'refused');
  }

  onSent(): void {
    this.ledger.sent();
  }

  onAnswer({ status, rawHeaders, isEventStream, isEncoded }: AnswerHead): void {
    const { current } = this.ledger;
    if (!current) return;
    this.ledger.answered(status);
    this.setup.services.health.succeeded(current);
    this.failures?.servedBy(current.channel.id);
    const headers = clientHeaders(rawHeaders, this.relayed.requestId, current.key.secret);
    // An error event of ours could only be read within a stream that is not compressed.
    this.takesErrorEvent = isEventStream && !isEncoded;
    if (isEventStream) headers.push('x-accel-buffering', 'no');
    if (this.setup.exposesRoute) headers.push(...this.routeHeaders());
    this.client.response.writeHead(status, headers);
  }

  onRefused(collected: CollectedAnswer): void {
    const { current } = this.ledger;
    if (!current) return;
    const answer = new RefusedAnswer(collected, current.key.secret);
    this.ledger.answered(answer.status);
    const verdict = this.setup.services.health.judge(current.channel, answer.evidence);
    this.retry({ verdict, answer, transport: null });
  }

  onFailed(transport: TransportFailure): void {
    if (this.isOver) return;
    if (isOurOwn(transport)) this.refuseAndEnd(REFUSALS.unreachable, 'upstream_error');
    else this.retry(this.failureOf(transport));
  }

  onDone(): void {
    const { response } = this.client;
    this.end(response.statusCode, 'done');
    response.end();
  }

  onBroken(transport: TransportFailure): void {
    const { response } = this.client;
    if (!isOurOwn(transport)) this.note(this.failureOf(transport));
    this.end(response.statusCode, isTimeout(transport) ? 'timeout' : 'upstream_error');
    if (this.takesErrorEvent) {
      // The break may be within an event: a blank line ends that one, so that the error stands alone.
      response.end(`\n\ndata: ${errorBody(BROKEN_STREAM)}\n\n`);
    } else {
      response.destroy();
    }
  }

  /** False when the attempt needs its channel's retry budget and that is used up. */
  private begin(planned: PlannedAttempt, needsBudget: boolean): boolean {
    const { channel, lease } = planned;
    const { request, response } = this.client;
    if (!this.ledger.begin(planned, needsBudget)) return false;
    const attempt = new UpstreamAttempt(response, this, lease.secret);
    this.attempt = attempt;
    try {
      this.setup.services.pools.get(channel.origin).dispatch(
        {
          method: 'POST',
          path: upstreamPath(channel.basePath, this.relayed.path, this.relayed.query),
          headers: upstreamHeaders(request.rawHeaders, request.headers.connection, lease.secret),
          body: this.relayed.bodyFor(channel),
        },
        attempt,
      );
    } catch (error) {
      // A refused address; whatever else it may be, this attempt reached nobody.
      this.onFailed(transportFailure(error, false));
    }
    return true;
  }

  private failureOf(transport: TransportFailure): AttemptFailure {
    return { verdict: this.setup.services.health.judgeTransport(transport.code), answer: null, transport };
  }

  /** Lets the failure of the attempt under way take its effect. */
  private note(failure: AttemptFailure): RequestFailures {
    const { current } = this.ledger;
    this.ledger.failed(failure.verdict.kind);
    this.ledger.end();
    this.failures ??= new RequestFailures(this.setup.services.health);
    if (current) this.failures.add(current, failure);
    return this.failures;
  }

  private retry(failure: AttemptFailure): void {
    const failures = this.note(failure);
    const advice = retryAdvice(failure);
    const planned = this.plan.next(advice);
    if (planned && this.begin(planned, advice.needsBudget)) return;
    const refused = failures.settle();
    if (refused) this.passOn(refused);
    else {
      const refusal = finalRefusal(failures, () => this.outlook(), this.relayed.model);
      this.refuseAndEnd(refusal, hasTimedOut(failure) ? 'timeout' : 'upstream_error');
    }
  }

  /** The body is the client's to read, but not a key that it may quote. */
  private passOn(refused: RefusedAnswer): void {
    const forwarded = refused.forward(this.relayed.requestId);
    if (!forwarded) {
      this.refuseAndEnd({ ...upstreamAnswered(refused.status), status: refused.clientStatus }, 'upstream_error');
      return;
    }
    const { status, headers, body } = forwarded;
    this.end(status, 'done');
    this.client.response.writeHead(status, [...headers, ...this.routeHeaders()]);
    this.client.response.end(body);
  }

  private refuseAndEnd(refusal: Refusal, endReason: EndReason): void {
    this.end(refusal.status, endReason);
    refuse(this.client.response, this.relayed.requestId, refusal, this.routeHeaders());
  }

  private end(status: number, endReason: EndReason): void {
    if (this.isOver) return;
    this.isOver = true;
    this.client.request.socket.off('close', this.onClientClosed);
    this.ledger.end();
    this.setup.onOver({ request: this.relayed, status, endReason, attempts: this.ledger.records });
  }

  private outlook(): PoolOutlook {
    const tried = this.failures?.attempts ?? [];
    return this.setup.services.untriedKeys.outlook(this.plan.candidates, this.relayed.model, tried);
  }

  private routeHeaders(): string[] {
    const { current, attemptCount } = this.ledger;
    if (!current || !this.setup.exposesRoute) return [];
    const { channel, key } = current;
    return [
      'x-keymux-channel',
      String(channel.id),
      'x-keymux-key-index',
      String(key.index),
      'x-keymux-attempts',
      String(attemptCount),
    ];
  }
}
