import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { type Failure, failureOf, isFailureStatus, statusFailure } from './failure';
import { KeyFilter } from './key-filter';
import { headerValue } from './relay-headers';
import { MOST_ERROR_BYTES } from './scrubbed-body';

/** How an upstream's answer begins. */
export interface AnswerHead {
  readonly status: number;
  readonly rawHeaders: readonly Buffer[];
  readonly isEventStream: boolean;
}

/** What an attempt tells the request it serves. Exactly one of `onRejected`, `onFailed`, `onDone` and `onBroken` comes, once. */
export interface AttemptListener {
  /** The request is on its way: from now on the upstream may act on it. */
  onSent(): void;
  /** The upstream's answer begins and is the client's. The listener writes the head. */
  onAnswer(head: AnswerHead): void;
  /** The upstream refuses the request for the request's own fault; this is its whole answer. */
  onRejected(status: number, rawHeaders: readonly Buffer[], body: Buffer): void;
  /** Nothing of an answer reached the client. */
  onFailed(failure: Failure): void;
  /** The answer is complete and its last byte handed over; the listener ends the response. */
  onDone(): void;
  /** The upstream broke off within an answer that is the client's. */
  onBroken(failure: Failure): void;
}

/**
 * `waiting` for a head; `holding` a head whose body has not begun; `answering`; `collecting` a refusal of the request;
 * `discarding` the answer of a failed attempt; `over`.
 */
type State = 'waiting' | 'holding' | 'answering' | 'collecting' | 'discarding' | 'over';

const EVENT_STREAM = /^text\/event-stream/i;

// What is left of a failed answer is read, so that its connection can be used again; one that goes on is cut off.
const MOST_DISCARDED_BYTES = 64 * 1024;
const LONGEST_DISCARD_MS = 1_000;
const LONGEST_COLLECT_MS = 30_000;

/**
 * One try to have an upstream answer: passes the answer's bytes to the client as they come and no faster than he reads.
 * Speaks undici's raw handler interface, which hands over header bytes without building objects.
 */
export class UpstreamAttempt implements Dispatcher.DispatchHandler {
  private state: State = 'waiting';
  private abortRequest: (() => void) | null = null;
  private resume: (() => void) | null = null;
  private status = 0;
  private rawHeaders: Buffer[] = [];
  private readonly collected: Buffer[] = [];
  private unpassedBytes = 0;
  private deadline: NodeJS.Timeout | null = null;
  private readonly keyFilter: KeyFilter;

  constructor(
    private readonly client: ServerResponse,
    private readonly listener: AttemptListener,
    secret: string,
  ) {
    this.keyFilter = new KeyFilter(secret);
  }

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
    this.status = status;
    this.rawHeaders = rawHeaders;
    this.resume = resume;
    if (isFailureStatus(status)) {
      this.wait('discarding', LONGEST_DISCARD_MS);
      this.listener.onFailed(statusFailure(status, headerValue(rawHeaders, 'retry-after')));
    } else if (status >= 400) {
      this.wait('collecting', LONGEST_COLLECT_MS);
    } else if (EVENT_STREAM.test(headerValue(rawHeaders, 'content-type'))) {
      // The head of a stream tells the client that it has begun; the first event may be long in coming.
      this.answer(true);
    } else {
      this.state = 'holding';
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.state === 'holding') this.answer(false);
    if (this.state === 'answering') return this.pass(chunk);
    this.unpassedBytes += chunk.length;
    if (this.state === 'collecting') this.collect(chunk);
    else if (this.unpassedBytes > MOST_DISCARDED_BYTES) this.abort();
    return true;
  }

  onComplete(): void {
    if (this.state === 'holding') this.answer(false);
    const state = this.finish();
    if (state === 'answering') this.endAnswer();
    else if (state === 'collecting')
      this.listener.onRejected(this.status, this.rawHeaders, Buffer.concat(this.collected));
  }

  onError(error: unknown): void {
    const state = this.finish();
    if (state === 'waiting' || state === 'holding') this.listener.onFailed(failureOf(error));
    else if (state === 'answering' || state === 'collecting') this.listener.onBroken(failureOf(error));
  }

  private answer(isEventStream: boolean): void {
    this.state = 'answering';
    this.listener.onAnswer({ status: this.status, rawHeaders: this.rawHeaders, isEventStream });
  }

  /** Whether the client keeps up. */
  private pass(chunk: Buffer): boolean {
    const passed = this.keyFilter.pass(chunk);
    return passed.length === 0 || this.client.write(passed);
  }

  private endAnswer(): void {
    const held = this.keyFilter.end();
    if (held) this.client.write(held);
    this.listener.onDone();
  }

  private collect(chunk: Buffer): void {
    this.collected.push(chunk);
    if (this.unpassedBytes > MOST_ERROR_BYTES) this.giveUpCollecting();
  }

  private giveUpCollecting(): void {
    this.abort();
    this.listener.onBroken({ kind: 'status', status: this.status });
  }

  /** Neither of these states may last: every byte that trickles in would start the idle time anew. */
  private wait(state: 'collecting' | 'discarding', longestMs: number): void {
    this.state = state;
    this.deadline = setTimeout(() => {
      if (state === 'collecting') this.giveUpCollecting();
      else this.abort();
    }, longestMs);
  }

  /** The state it ended in. */
  private finish(): State {
    const { state } = this;
    this.state = 'over';
    if (this.deadline) clearTimeout(this.deadline);
    return state;
  }
}
