import type { ChannelRoute } from '../../channels/channel-route';
import type { AttemptFacts } from '../../health/attempt-facts';
import type { PoolOutlook } from '../../health/pool-outlook';
import type { EndReason } from '../../usage/request-record';
import type { AnswerHead } from '../answer/answer-head';
import { finalRefusal, hasTimedOut, noKeyLeft } from '../answer/final-answer';
import { comeAgain, REFUSALS, type Refusal, upstreamAnswered } from '../answer/refusal';
import { type CollectedAnswer, RefusedAnswer } from '../answer/refused-answer';
import { routeHeaders } from '../answer/route-headers';
import type { PlannedAttempt, RelayPlan } from '../plan/relay-plan';
import type { AttemptFailure } from '../retry/request-failures';
import { retryAdvice } from '../retry/retry-advice';
import type { AttemptLedger } from './attempt-ledger';
import { type AnswerListener, ClientAnswer } from './client-answer';
import type { ExchangeSetup } from './exchange-setup';
import { FailureBook } from './failure-book';
import type { RelayRequest } from './relay-request';
import { CUT, isOurOwn, isTimeout, SILENCE, type TransportFailure, transportFailure } from './transport-failure';
import { type AttemptListener, UpstreamAttempt } from './upstream-attempt';

/** Carries one request to upstreams until one answers, and the answer back; ends exactly once, whatever happens. */
export class RelayExchange implements AttemptListener, AnswerListener {
  private readonly ledger: AttemptLedger;
  private attempt: UpstreamAttempt | null = null;
  /** Null until an upstream's answer is the client's. */
  private answer: ClientAnswer | null = null;
  private readonly failures: FailureBook;
  private readonly totalTimer: NodeJS.Timeout;
  /** The attempt under way asks the upstream what the client did not ask: how many tokens the stream took. */
  private asksUsage = false;
  /** The channel whose upstream refused that question. */
  private refusesUsage: ChannelRoute | null = null;
  private isOver = false;
  private isRecorded = false;

  constructor(
    private readonly setup: ExchangeSetup,
    private readonly relayed: RelayRequest,
    private readonly plan: RelayPlan,
  ) {
    this.ledger = setup.services.ledgers.open();
    this.failures = new FailureBook(setup.services.health, this.ledger);
    this.totalTimer = setTimeout(this.runOut.bind(this), setup.totalTimeoutMs);
  }

  start(): void {
    const { call } = this.relayed;
    call.response.on('drain', () => {
      this.answer?.onClientDrain();
      this.attempt?.onClientDrain();
    });
    call.onceClosed(() => {
      this.answer?.close();
      if (!this.isOver) this.onClientGone();
    });
    const planned = this.plan.first();
    if (planned) this.begin(planned, false);
    else this.refuseAndEnd(this.plan.refusal ?? noKeyLeft(this.outlook(), this.relayed.model), 'refused');
  }

  onSent(): void {
    this.ledger.sent();
  }

  onAnswer(head: AnswerHead): void {
    const { current } = this.ledger;
    if (!current) return;
    this.ledger.answered(head.status);
    this.setup.services.health.succeeded(current);
    this.failures.servedBy(current.channel.id);
    const { lessons, limits, clock, services } = this.setup;
    lessons.served(this.relayed, current);
    if (this.refusesUsage === current.channel) services.sender.usage.remember(current.channel);
    const terms = {
      secret: current.key.secret,
      routeHeaders: this.routeHeaders(),
      dropsUsage: this.asksUsage,
      idFinder: lessons.finderFor(this.relayed, current, head),
      limits,
      clock,
    };
    this.answer = new ClientAnswer(this.relayed.call, head, terms, this);
  }

  onSlowStart(): void {
    this.relayed.call.response.flushHeaders();
  }

  onChunk(chunk: Buffer): boolean {
    return this.answer?.pass(chunk) ?? true;
  }

  onRefused(collected: CollectedAnswer): void {
    const { current } = this.ledger;
    if (!current) return;
    const answer = new RefusedAnswer(collected, current.key.secret);
    this.ledger.answered(answer.status);
    const isOurQuestion = this.asksUsage && this.setup.services.sender.usage.seemsRefused(answer);
    if (isOurQuestion) this.askAgain(current);
    else this.retry(this.failures.byAnswer(answer, current));
  }

  onFailed(transport: TransportFailure): void {
    if (this.isOver) return;
    const { fault } = this.relayed.content;
    if (fault) this.refuseAndEnd(fault, 'refused');
    else if (isOurOwn(transport)) this.refuseAndEnd(REFUSALS.unreachable, 'upstream_error');
    else this.retry(this.failures.byTransport(transport));
  }

  onComplete(): void {
    if (!this.answer?.errorEvent) this.record(this.relayed.call.response.statusCode, 'done');
  }

  onDone(): void {
    const { current } = this.ledger;
    if (!current || !this.answer) return;
    const last = this.answer.finish();
    const { errorEvent, isCut } = this.answer;
    if (isCut) {
      this.onBroken(CUT);
      return;
    }
    if (errorEvent) this.failures.note(this.failures.byErrorEvent(errorEvent, current));
    else this.setup.services.health.completed(current);
    this.end(this.relayed.call.response.statusCode, errorEvent ? 'upstream_error' : 'done');
    this.answer.end(last);
  }

  onBroken(transport: TransportFailure): void {
    if (this.answer?.isDone) this.onDone();
    else if (this.relayed.content.fault) this.breakOff(this.relayed.content.fault, 'refused');
    else {
      if (!isOurOwn(transport)) this.failures.note(this.failures.byTransport(transport));
      if (isTimeout(transport)) this.breakOff(REFUSALS.silentAnswer, 'timeout');
      else this.breakOff(REFUSALS.brokenAnswer, 'upstream_error');
    }
  }

  onIdle(): void {
    this.attempt?.abort();
    if (!this.isOver) this.onBroken(SILENCE);
  }

  onStalled(): void {
    this.onClientGone();
    this.relayed.call.response.destroy();
  }

  private onClientGone(): void {
    this.attempt?.abort();
    const { current } = this.ledger;
    if (current && this.answer) this.setup.services.health.completed(current);
    this.end(this.relayed.call.response.statusCode, 'client_gone');
  }

  private runOut(): void {
    this.attempt?.abort();
    if (this.answer) this.breakOff(REFUSALS.longAnswer, 'timeout');
    else this.refuseAndEnd(REFUSALS.timeout, 'timeout');
  }

  private breakOff(refusal: Refusal, endReason: EndReason): void {
    this.end(this.relayed.call.response.statusCode, endReason);
    this.answer?.breakOff(refusal);
  }

  /** The same once more, without the question; nobody is asked it again for this request. */
  private askAgain({ channel, key: lease, model }: AttemptFacts): void {
    this.ledger.end();
    this.refusesUsage = channel;
    this.plan.repeated();
    this.begin({ channel, lease, model }, false);
  }

  /** False when the attempt needs its channel's retry budget and that is used up. */
  private begin(planned: PlannedAttempt, needsBudget: boolean): boolean {
    if (!this.ledger.begin(planned, needsBudget)) return false;
    const attempt = new UpstreamAttempt(this);
    this.attempt = attempt;
    try {
      const { sender } = this.setup.services;
      this.asksUsage = !this.refusesUsage && sender.usage.isToBeAsked(this.relayed, planned.channel);
      sender.send(this.relayed, planned, { attempt, asksUsage: this.asksUsage });
    } catch (error) {
      // A refused address; whatever else it may be, this attempt reached nobody.
      this.onFailed(transportFailure(error, false));
    }
    return true;
  }

  private retry(failure: AttemptFailure): void {
    const failures = this.failures.note(failure);
    const advice = retryAdvice(failure);
    const { canRepeat } = this.relayed.content;
    const planned = canRepeat ? this.plan.next(advice) : null;
    if (planned && this.begin(planned, advice.needsBudget)) return;
    const refused = failures.settle();
    if (refused) this.passOn(refused);
    else {
      const refusal = finalRefusal(failures, () => this.outlook(), this.relayed.model);
      // What we could not send again, its client can.
      this.refuseAndEnd(canRepeat ? refusal : comeAgain(refusal), hasTimedOut(failure) ? 'timeout' : 'upstream_error');
    }
  }

  /** The body is the client's to read, but not a key that it may quote. */
  private passOn(refused: RefusedAnswer): void {
    const { call } = this.relayed;
    const forwarded = refused.forward(call.ownHeaders);
    if (!forwarded) {
      this.refuseAndEnd({ ...upstreamAnswered(refused.status), status: refused.clientStatus }, 'upstream_error');
      return;
    }
    const { status, headers, body } = forwarded;
    this.end(status, 'done');
    call.response.writeHead(status, [...headers, ...this.routeHeaders()]);
    call.endWith(body);
  }

  private refuseAndEnd(refusal: Refusal, endReason: EndReason): void {
    this.end(refusal.status, endReason);
    this.relayed.call.refuse(refusal, this.routeHeaders());
  }

  private end(status: number, endReason: EndReason): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.totalTimer);
    this.relayed.content.release();
    this.record(status, endReason);
  }

  private record(status: number, endReason: EndReason): void {
    if (this.isRecorded) return;
    this.isRecorded = true;
    this.ledger.end();
    const { relayed: request, answer, ledger } = this;
    this.setup.onOver({ request, status, endReason, answer, modelSent: ledger.modelSent, attempts: ledger.records });
  }

  private outlook(): PoolOutlook {
    return this.setup.services.untriedKeys.outlook(this.plan.candidates, this.relayed.model, this.failures.attempts);
  }

  private routeHeaders(): string[] {
    const { current, attemptCount } = this.ledger;
    return current && this.setup.exposesRoute ? routeHeaders(current, attemptCount) : [];
  }
}
