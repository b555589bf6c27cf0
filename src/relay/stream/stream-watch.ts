import type { Clock } from '../../common/clock';

/** A comment that every reader of events passes over; it may only stand between events. */
export const KEEP_ALIVE = ': keep-alive\n\n';

const LATE_MS = 100;
/** Node takes no longer timeout. */
const LONGEST_SLEEP_MS = 2_147_483_647;

/** How long an answer may do nothing, each in milliseconds. */
export interface StreamLimits {
  /** Without a payload from the upstream. */
  readonly idleMs: number;
  /** Without a byte to the client, before he is sent a comment; 0 for never. */
  readonly keepAliveMs: number;
  /** Without the client reading what waits for him. */
  readonly stallMs: number;
}

/** What `StreamWatch` tells. After `onIdle` or `onStalled` nothing more comes. */
export interface StreamListener {
  onIdle(): void;
  /** Comes again after each further silence, whether or not something was sent. */
  onKeepAlive(): void;
  onStalled(): void;
}

/**
 * Watches over the silences of one answer, from its creation on, with one timer that is set anew only when it has run out:
 * a chunk costs a look at the clock. While the client is stalled, the upstream is paused and only his time runs.
 */
export class StreamWatch {
  private payloadAtMs: number;
  private sentAtMs: number;
  private stalledAtMs: number | null = null;
  private wakesAtMs = Infinity;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly limits: StreamLimits,
    private readonly listener: StreamListener,
    private readonly clock: Clock,
  ) {
    this.payloadAtMs = this.sentAtMs = clock.nowMs();
    this.sleep();
  }

  /** A payload has come: an event with data, or any bytes of an answer without events. */
  payload(): void {
    this.payloadAtMs = this.clock.nowMs();
  }

  /** Something was handed to the client. */
  sent(): void {
    this.sentAtMs = this.clock.nowMs();
  }

  /** The client does not keep up; to say so again changes nothing. */
  clientStalled(): void {
    this.stalledAtMs ??= this.clock.nowMs();
    this.sleep();
  }

  /** The client has read all that waited for him, and the upstream may go on: all silences begin anew. */
  clientDrained(): void {
    this.stalledAtMs = null;
    this.payloadAtMs = this.sentAtMs = this.clock.nowMs();
    this.sleep();
  }

  /** After this, nothing is called any more. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** Sleeps until the next deadline; a timer that wakes before it stays. */
  private sleep(): void {
    const atMs = Math.min(this.endsAtMs(), this.keepAliveAtMs());
    if (this.isStopped || atMs >= this.wakesAtMs) return;
    clearTimeout(this.timer);
    this.wakesAtMs = atMs;
    const sleepMs = Math.ceil(atMs - this.clock.nowMs());
    this.timer = setTimeout(
      () => {
        this.wake();
      },
      Math.min(Math.max(sleepMs, 1), LONGEST_SLEEP_MS),
    );
    this.timer.unref();
  }

  private wake(): void {
    const nowMs = this.clock.nowMs();
    // After a pause of the whole process, what came in meanwhile has yet to be read.
    if (nowMs - this.wakesAtMs > LATE_MS) {
      this.wakesAtMs = nowMs;
      setImmediate(() => {
        if (!this.isStopped) this.wake();
      });
      return;
    }
    this.wakesAtMs = Infinity;
    if (nowMs >= this.endsAtMs()) {
      this.stop();
      if (this.stalledAtMs === null) this.listener.onIdle();
      else this.listener.onStalled();
      return;
    }
    if (nowMs >= this.keepAliveAtMs()) {
      this.sentAtMs = nowMs;
      this.listener.onKeepAlive();
    }
    this.sleep();
  }

  private endsAtMs(): number {
    return this.stalledAtMs === null ? this.payloadAtMs + this.limits.idleMs : this.stalledAtMs + this.limits.stallMs;
  }

  private keepAliveAtMs(): number {
    const isOff = this.limits.keepAliveMs === 0 || this.stalledAtMs !== null;
    return isOff ? Infinity : this.sentAtMs + this.limits.keepAliveMs;
  }
}
