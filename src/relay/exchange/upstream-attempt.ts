import type { Dispatcher } from 'undici';
import { EVENT_STREAM, openingOf, PAGE } from '../../common/answer-opening';
import type { AnswerHead } from '../answer/answer-head';
import { type CollectLimits, collectLimits } from '../answer/collect-limits';
import type { CollectedAnswer } from '../answer/refused-answer';
import { headerValue } from '../answer/relay-headers';
import { CUT, isOurOwn, type TransportFailure, transportFailure } from './transport-failure';

/** What an attempt tells the request it serves. Exactly one of `onRefused`, `onFailed`, `onDone` and `onBroken` comes, once. */
export interface AttemptListener {
  /** The request is on its way: from now on the upstream may act on it. */
  onSent(): void;
  /** The upstream's answer is good and is the client's. The listener writes the head. */
  onAnswer(head: AnswerHead): void;
  /** The first bytes of the stream are long in coming: the client should hear that it has begun. */
  onSlowStart(): void;
  /** More of the answer; false when the client does not keep up. */
  onChunk(chunk: Buffer): boolean;
  /** The upstream refuses, by its status or within a 2xx answer; nothing of it reached the client. */
  onRefused(answer: CollectedAnswer): void;
  /** No answer came, or it broke off before anything of it reached the client. */
  onFailed(failure: TransportFailure): void;
  /** The answer is complete and its last byte handed over; the listener ends the response. */
  onDone(): void;
  /** The upstream broke off within an answer that is the client's. */
  onBroken(failure: TransportFailure): void;
}

/**
 * `waiting` for a head; `opening`: the head is good, and the body is not yet known to be; `answering`; `collecting` a
 * refusal; `over`.
 */
type State = 'waiting' | 'opening' | 'answering' | 'collecting' | 'over';

const MOST_HELD_BYTES = 64 * 1024;
// The first event may be long in coming, and a client should hear before that that its stream has begun.
const LONGEST_HELD_STREAM_MS = 5_000;

/**
 * One try to have an upstream answer: passes a good answer's bytes on as they come and no faster than the client reads.
 * Speaks undici's raw handler interface, which hands over header bytes without building objects.
 */
export class UpstreamAttempt implements Dispatcher.DispatchHandler {
  private state: State = 'waiting';
  private abortRequest: (() => void) | null = null;
  private resume: (() => void) | null = null;
  private head: AnswerHead = { status: 0, rawHeaders: [], isEventStream: false, isEncoded: false };
  private held: Buffer | null = null;
  private readonly collected: Buffer[] = [];
  private collectedBytes = 0;
  private mostCollectedBytes = 0;
  private deadline: NodeJS.Timeout | null = null;

  constructor(private readonly listener: AttemptListener) {}

  /** Gives up: the connection is cut, and nothing more is heard of this attempt. */
  abort(): void {
    this.finish();
    this.abortRequest?.();
  }

  /** The client has read what was written. */
  onClientDrain(): void {
    if (this.state === 'answering') this.resume?.();
  }

  onConnect(abort: () => void): void {
    this.abortRequest = abort;
    if (this.state === 'over') abort();
    else this.listener.onSent();
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    // Informational heads (103 Early Hints) come before the real one.
    if (status < 200 || this.state === 'over') return true;
    this.resume = resume;
    const contentType = headerValue(rawHeaders, 'content-type');
    const encoding = headerValue(rawHeaders, 'content-encoding');
    const isEncoded = encoding !== '' && encoding.toLowerCase() !== 'identity';
    this.head = { status, rawHeaders, isEventStream: EVENT_STREAM.test(contentType), isEncoded };
    // A redirect is never followed: it would carry the key to wherever the upstream says.
    if (status >= 300 || PAGE.test(contentType)) this.startCollecting(collectLimits(status));
    else this.open();
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.state === 'answering') return this.listener.onChunk(chunk);
    if (this.state === 'opening') return this.look(chunk);
    if (this.state === 'collecting') this.collect(chunk);
    return true;
  }

  onComplete(): void {
    // Something in front of the upstream answers for one that has died.
    if (this.state === 'opening' && this.head.isEventStream && !this.held) {
      this.finish();
      this.listener.onFailed(CUT);
      return;
    }
    if (this.state === 'opening') this.answer();
    const state = this.finish();
    if (state === 'answering') this.listener.onDone();
    else if (state === 'collecting') this.tellRefusal(true);
  }

  onError(error: unknown): void {
    const failure = transportFailure(error, this.abortRequest !== null);
    const state = this.finish();
    if (state === 'over') return;
    if (state === 'answering') this.listener.onBroken(failure);
    else if (state === 'collecting' && !isOurOwn(failure)) this.tellRefusal(false);
    else this.listener.onFailed(failure);
  }

  private open(): void {
    this.state = 'opening';
    if (!this.head.isEventStream) return;
    if (this.head.isEncoded) this.begin();
    else {
      this.limit(LONGEST_HELD_STREAM_MS, () => {
        this.begin();
      });
    }
  }

  /** Lets the client hear that its stream has begun. */
  private begin(): void {
    this.answer();
    this.listener.onSlowStart();
  }

  private look(chunk: Buffer): boolean {
    const bytes = this.held ? Buffer.concat([this.held, chunk]) : chunk;
    this.held = bytes;
    const opening = this.head.isEncoded ? 'fine' : openingOf(bytes, this.head.isEventStream);
    if (opening === 'fine' || (opening === 'undecided' && bytes.length > MOST_HELD_BYTES)) return this.answer();
    if (opening === 'error') {
      this.startCollecting(collectLimits(this.head.status));
      this.collect(bytes);
    }
    return true;
  }

  /** From here on the answer is the client's, and what was held goes out; false when the client does not keep up. */
  private answer(): boolean {
    const { held } = this;
    this.state = 'answering';
    this.held = null;
    this.clearLimit();
    this.listener.onAnswer(this.head);
    return held === null || this.listener.onChunk(held);
  }

  private startCollecting({ mostBytes, longestMs }: CollectLimits): void {
    this.state = 'collecting';
    this.mostCollectedBytes = mostBytes;
    // Every byte that trickles in would start the idle time anew.
    this.limit(longestMs, () => {
      this.cutRefusal();
    });
  }

  private collect(chunk: Buffer): void {
    this.collected.push(chunk);
    this.collectedBytes += chunk.length;
    if (this.collectedBytes > this.mostCollectedBytes) this.cutRefusal();
  }

  private cutRefusal(): void {
    this.abort();
    this.tellRefusal(false);
  }

  private tellRefusal(isWhole: boolean): void {
    const { status, rawHeaders } = this.head;
    this.listener.onRefused({ status, rawHeaders, body: Buffer.concat(this.collected), isWhole });
  }

  private limit(longestMs: number, onOver: () => void): void {
    this.clearLimit();
    this.deadline = setTimeout(onOver, longestMs);
  }

  private clearLimit(): void {
    if (this.deadline) clearTimeout(this.deadline);
    this.deadline = null;
  }

  /** The state it ended in. */
  private finish(): State {
    const { state } = this;
    this.state = 'over';
    this.clearLimit();
    return state;
  }
}
