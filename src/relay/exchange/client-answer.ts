import type { Clock } from '../../common/clock';
import type { TokenUsage } from '../../usage/token-usage';
import { errorBody } from '../answer/error-shape';
import { KeyFilter } from '../answer/key-filter';
import type { Refusal } from '../answer/refusal';
import { clientHeaders, headerValue } from '../answer/relay-headers';
import type { RelayCall } from '../relay-call';
import { BodyTail } from '../stream/body-tail';
import { errorEvent } from '../stream/broken-stream';
import { EventTap } from '../stream/event-tap';
import { KEEP_ALIVE, type StreamLimits, type StreamListener, StreamWatch } from '../stream/stream-watch';
import { usageIn } from '../stream/token-usage';
import type { IdFinder } from './id-finder';
import type { AnswerHead } from '../answer/answer-head';

/** Told when an answer goes on no longer. */
export interface AnswerListener extends Omit<StreamListener, 'onKeepAlive'> {
  /** A stream has said that it is complete, and its client is about to hear it. */
  onComplete(): void;
}

/** What an exchange has to say about an answer that goes to its client. */
export interface AnswerTerms {
  /** Masked wherever the answer quotes it. */
  readonly secret: string;
  readonly routeHeaders: readonly string[];
  /** The client did not ask for what a stream says of its usage. */
  readonly dropsUsage: boolean;
  /** Null where nobody needs to know the answer's id. */
  readonly idFinder: IdFinder | null;
  readonly limits: StreamLimits;
  readonly clock: Clock;
}

/** An upstream's good answer on its way to the client: the same bytes, as they come, and no faster than the client reads. */
export class ClientAnswer {
  private readonly keyFilter: KeyFilter;
  /** Null for what is no stream of events, or a compressed one. */
  private readonly tap: EventTap | null;
  private readonly tail: BodyTail | null;
  private watch: StreamWatch | null = null;
  private wasWithinEvent = false;
  private sentFirstAtMs: number | null = null;
  private bytes = 0;
  /** How much the client still has to get; not a number where nobody has said how much there is. */
  private missingBytes: number;
  /** What completes an answer whose length is known: that it is complete must not be heard before its end is noted. */
  private completing: Buffer | null = null;

  constructor(
    private readonly call: RelayCall,
    head: AnswerHead,
    private readonly terms: AnswerTerms,
    private readonly listener: AnswerListener,
  ) {
    const { secret, dropsUsage, routeHeaders } = terms;
    this.keyFilter = new KeyFilter(secret);
    this.tap = head.isEventStream && !head.isEncoded ? new EventTap({ dropsUsage }) : null;
    this.tail = head.isEventStream || head.isEncoded ? null : new BodyTail();
    this.missingBytes = Number.parseInt(headerValue(head.rawHeaders, 'content-length'), 10);
    const headers = clientHeaders(head, call.ownHeaders, secret);
    headers.push(...routeHeaders);
    call.response.writeHead(head.status, headers);
    if (this.tap) this.startWatch();
  }

  /** What the answer says that it cost; null when it does not. */
  get usage(): TokenUsage | null {
    return this.tap ? this.tap.usage : this.tail && usageIn(this.tail.bytes);
  }

  /** Whether a stream ended within an event, known once it is finished. */
  get isCut(): boolean {
    return this.wasWithinEvent && !this.isDone;
  }

  /** Whether a stream has said that it is complete. */
  get isDone(): boolean {
    return this.tap?.isDone ?? false;
  }

  /** Null for an answer in which none can be seen; see `EventTap`. */
  get payloadEvents(): number | null {
    return this.tap?.payloadEvents ?? null;
  }

  /** How much of the body has been handed to the client. */
  get passedBytes(): number {
    return this.bytes;
  }

  /** Unix milliseconds; null before a byte of the body is handed to the client. */
  get firstByteAtMs(): number | null {
    return this.sentFirstAtMs;
  }

  /** What a stream said went wrong, though its connection was well; null when it said nothing of the kind. */
  get errorEvent(): Buffer | null {
    return this.tap?.errorEvent ?? null;
  }

  /** Whether the client keeps up. */
  pass(chunk: Buffer): boolean {
    const bytes = this.noted(this.keyFilter.pass(chunk));
    if (bytes.length === 0) return true;
    this.noteFirstByte();
    this.bytes += bytes.length;
    this.missingBytes -= bytes.length;
    if (this.missingBytes > 0 || Number.isNaN(this.missingBytes)) return this.write(bytes);
    this.completing = bytes;
    return true;
  }

  onClientDrain(): void {
    this.watch?.clientDrained();
  }

  /** The last bytes, which were held back; null when there are none. */
  finish(): Buffer | null {
    const held = this.keyFilter.end();
    const bytes = held && this.noted(held);
    this.wasWithinEvent = this.tap !== null && !this.tap.isAtBoundary;
    const last = [this.completing, bytes, this.tap?.end() ?? null].filter((piece) => piece !== null);
    if (last.length > 0) this.noteFirstByte();
    return last.length > 1 ? Buffer.concat(last) : (last[0] ?? null);
  }

  end(last: Buffer | null): void {
    this.call.endWith(last);
  }

  /** Ends an answer that is not whole, so that the client can tell. */
  breakOff(refusal: Refusal): void {
    const { response, dialect, requestId } = this.call;
    // An error event of ours could only be read within a stream that is not compressed.
    if (this.tap) response.end(errorEvent(dialect, errorBody(refusal, dialect, requestId), this.tap.isAtBoundary));
    else response.destroy();
  }

  /** The client is gone, or has all of it. */
  close(): void {
    this.watch?.stop();
  }

  private noted(bytes: Buffer): Buffer {
    this.terms.idFinder?.look(bytes);
    if (!this.tap) {
      this.tail?.add(bytes);
      this.watch?.payload();
      return bytes;
    }
    const { payloadEvents, isDone } = this.tap;
    const passed = this.tap.pass(bytes);
    if (this.tap.payloadEvents > payloadEvents) this.watch?.payload();
    if (this.tap.isDone && !isDone) this.listener.onComplete();
    return passed;
  }

  private noteFirstByte(): void {
    this.sentFirstAtMs ??= this.terms.clock.wallMs();
  }

  private write(bytes: Buffer): boolean {
    const keepsUp = this.call.response.write(bytes);
    this.watch?.sent();
    if (!keepsUp) (this.watch ?? this.startWatch()).clientStalled();
    return keepsUp;
  }

  private startWatch(): StreamWatch {
    const listener = {
      onIdle: () => {
        this.listener.onIdle();
      },
      onStalled: () => {
        this.listener.onStalled();
      },
      onKeepAlive: () => {
        const { response } = this.call;
        if (this.tap?.isAtBoundary && !response.writableNeedDrain) response.write(KEEP_ALIVE);
      },
    };
    this.watch = new StreamWatch(this.terms.limits, listener, this.terms.clock);
    return this.watch;
  }
}
