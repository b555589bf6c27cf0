import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AppError } from '../common/app-error';
import { Clock } from '../common/clock';
import { PeriodicTask } from '../common/periodic-task';
import type { KeyTransition } from '../keys/key-transition';
import { KeyTransitions } from '../keys/key-transitions';

const FLUSH_PAUSE_MS = 200;

/** A transition and when its times began, on `Clock.nowMs`. */
interface Waiting {
  readonly transition: KeyTransition;
  readonly sinceMs: number;
}

type Pending = Map<number, Waiting>;

/**
 * Takes what traffic did to keys to the database a moment later, many at once. Only the latest word on a key counts; while
 * the database is away it is kept.
 */
@Injectable()
export class TransitionQueue implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(TransitionQueue.name);
  private waiting = new Map<number, Pending>();
  private storing: ReadonlyMap<number, Pending> = new Map();
  private readonly flushing = new PeriodicTask(
    () => this.flush(),
    FLUSH_PAUSE_MS,
    () => {
      this.logger.warn('The states of keys could not be stored; they hold in memory and are stored later');
    },
  );

  constructor(
    private readonly transitions: KeyTransitions,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.flushing.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flushing.stop();
    await this.flush().catch(() => {
      this.logger.warn('The last states of keys are lost: the database is away');
    });
  }

  add(channelId: number, transition: KeyTransition): void {
    this.put(channelId, { transition, sinceMs: this.clock.nowMs() });
  }

  /** Forgets what was to be stored of a key as it was seen at this revision or before. */
  cancel(channelId: number, keyId: number, revision: number): void {
    const pending = this.waiting.get(channelId);
    const waiting = pending?.get(keyId);
    if (waiting && waiting.transition.revision <= revision) pending?.delete(keyId);
  }

  /** Whether something is being stored of a key at the moment. */
  isStoring(channelId: number, keyId: number): boolean {
    return this.storing.get(channelId)?.has(keyId) ?? false;
  }

  private put(channelId: number, waiting: Waiting): void {
    let pending = this.waiting.get(channelId);
    if (!pending) this.waiting.set(channelId, (pending = new Map<number, Waiting>()));
    const { keyId, revision } = waiting.transition;
    const known = pending.get(keyId);
    if (!known || known.transition.revision <= revision) pending.set(keyId, waiting);
  }

  private async flush(): Promise<void> {
    this.storing = this.waiting;
    this.waiting = new Map();
    let failure: unknown = null;
    for (const [channelId, pending] of this.storing) {
      try {
        if (pending.size > 0) await this.store(channelId, pending);
      } catch (error) {
        // A channel that is gone is no reason to try again.
        if (error instanceof AppError) continue;
        failure = error;
        this.putBack(channelId, pending);
      }
    }
    this.storing = new Map();
    if (failure !== null) throw failure as Error;
  }

  private async store(channelId: number, pending: Pending): Promise<void> {
    const nowMs = this.clock.nowMs();
    const due = [...pending.values()].map((waiting) => remaining(waiting, nowMs)).filter((one) => one !== null);
    if (due.length === 0) return;
    const { keyIds, revision } = await this.transitions.apply(channelId, due);
    // What was said of a key meanwhile was said of the key as it was before this.
    for (const [keyId, { transition, sinceMs }] of this.waiting.get(channelId) ?? []) {
      const stored = pending.get(keyId)?.transition;
      if (keyIds.has(keyId) && transition.revision === stored?.revision) {
        this.put(channelId, { transition: { ...transition, revision }, sinceMs });
      }
    }
  }

  private putBack(channelId: number, pending: Pending): void {
    for (const [keyId, waiting] of pending) {
      if (!this.waiting.get(channelId)?.has(keyId)) this.put(channelId, waiting);
    }
  }
}

/** The transition with what is left of its times; null for a rest that is over. */
function remaining({ transition, sinceMs }: Waiting, nowMs: number): KeyTransition | null {
  const { lastsMs, probeInMs, to } = transition;
  const left = (ms: number | null): number | null => (ms === null ? null : Math.max(0, ms - (nowMs - sinceMs)));
  if (to === 'cooling' && left(lastsMs) === 0) return null;
  return { ...transition, lastsMs: left(lastsMs), probeInMs: left(probeInMs) };
}
