import type { Clock } from '../../common/clock';

/** Whether somebody waits for a probe, or a schedule asks for it. */
export type ProbePriority = 'urgent' | 'scheduled';

/** A probe that waits for its turn. */
export interface WaitingProbe {
  readonly keyId: number;
  /** Never rejects. */
  readonly start: () => Promise<void>;
  readonly cancel: () => void;
}

/** Starts one channel's probes at least `spacingMs` apart, urgent ones first, those of one key one after the other. */
export class ProbeLane {
  private readonly waiting: Readonly<Record<ProbePriority, WaitingProbe[]>> = { urgent: [], scheduled: [] };
  private readonly busyKeys = new Set<number>();
  private nextAtMs = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly spacingMs: number,
  ) {}

  add(priority: ProbePriority, probe: WaitingProbe): void {
    this.waiting[priority].push(probe);
    this.startNext();
  }

  /** Cancels all that wait. */
  stop(): void {
    clearTimeout(this.timer);
    for (const queue of [this.waiting.urgent, this.waiting.scheduled]) {
      for (const { cancel } of queue.splice(0)) cancel();
    }
  }

  private startNext(): void {
    clearTimeout(this.timer);
    const waitMs = this.nextAtMs - this.clock.nowMs();
    if (waitMs > 0) {
      this.startLater(waitMs);
      return;
    }
    const probe = this.takeFrom(this.waiting.urgent) ?? this.takeFrom(this.waiting.scheduled);
    if (!probe) return;
    this.nextAtMs = this.clock.nowMs() + this.spacingMs;
    this.busyKeys.add(probe.keyId);
    void probe.start().then(() => {
      this.busyKeys.delete(probe.keyId);
      this.startNext();
    });
    this.startNext();
  }

  private startLater(waitMs: number): void {
    if (this.waiting.urgent.length + this.waiting.scheduled.length === 0) return;
    this.timer = setTimeout(() => {
      this.startNext();
    }, Math.ceil(waitMs));
    this.timer.unref();
  }

  private takeFrom(queue: WaitingProbe[]): WaitingProbe | undefined {
    const index = queue.findIndex(({ keyId }) => !this.busyKeys.has(keyId));
    return index === -1 ? undefined : queue.splice(index, 1)[0];
  }
}
