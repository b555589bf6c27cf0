import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ChannelDirectory } from '../channels/channel-directory';
import { Clock } from '../common/clock';
import { describeError } from '../common/describe-error';
import { ChannelBreaker } from './breaker/channel-breaker';
import { FailureWave } from './breaker/failure-wave';
import type { ChannelHealth } from './channel-health';
import { DeadlineTimer } from './cooling/deadline-timer';
import { HealthPolicies, type HealthPolicy } from './health-policy';
import { PoolHealth } from './pool/pool-health';
import type { PoolListener } from './pool/pool-listener';

/** Is told, at the moment, of what others may have to act upon. */
export interface HealthWatcher {
  onBreakerChanged?(channel: ChannelHealth): void;
  /** The next probe of the channel's keys may be due at another time than before. */
  onProbesChanged?(channel: ChannelHealth): void;
}

/** Holds the health of every channel in memory, and brings keys back whose rest is over. */
@Injectable()
export class HealthRegistry implements OnApplicationShutdown {
  private readonly logger = new Logger(HealthRegistry.name);
  private readonly channels = new Map<number, ChannelHealth>();
  private readonly watchers: HealthWatcher[] = [];
  private readonly timers: { stop(): void }[] = [];
  private readonly rests: DeadlineTimer<PoolHealth>;

  constructor(
    private readonly clock: Clock,
    private readonly directory: ChannelDirectory,
    private readonly policies: HealthPolicies,
  ) {
    this.rests = this.timer((pool) => {
      pool.endDueRests();
    });
  }

  onApplicationShutdown(): void {
    for (const timer of this.timers) timer.stop();
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  /** A timer that stops with the program. */
  timer<T>(onDue: (item: T) => void): DeadlineTimer<T> {
    const timer = new DeadlineTimer(this.clock, onDue, (error) => {
      this.logger.error(`What was due could not be done: ${describeError(error)}`);
    });
    this.timers.push(timer);
    return timer;
  }

  watch(watcher: HealthWatcher): void {
    this.watchers.push(watcher);
  }

  of(channelId: number): ChannelHealth {
    return this.channels.get(channelId) ?? this.begin(channelId);
  }

  find(channelId: number): ChannelHealth | null {
    return this.channels.get(channelId) ?? null;
  }

  policyOf(channelId: number): HealthPolicy {
    return this.policies.of(this.directory.find(channelId)?.settings ?? NO_SETTINGS);
  }

  /** A pool to be filled by its owner, who adopts it once it is complete. */
  openPool(channelId: number, listener: PoolListener): PoolHealth {
    return new PoolHealth(listener, this.clock, (pool) => {
      this.schedule(channelId, pool);
    });
  }

  /** From now on this is the channel's pool. */
  adopt(channelId: number, pool: PoolHealth): void {
    const channel = this.of(channelId);
    if (channel.pool === pool) return;
    if (channel.pool) this.rests.cancel(channel.pool);
    channel.pool = pool;
    // What was held against the channel was so for its former keys.
    channel.wave.dismiss();
    channel.breaker.close();
    this.schedule(channelId, pool);
  }

  /** The channel is gone. */
  forget(channelId: number): void {
    const pool = this.channels.get(channelId)?.pool;
    if (pool) this.rests.cancel(pool);
    this.channels.delete(channelId);
  }

  private begin(channelId: number): ChannelHealth {
    const channel: ChannelHealth = {
      channelId,
      breaker: new ChannelBreaker(
        this.clock,
        () => this.policyOf(channelId).breakerOpenMs,
        () => {
          for (const watcher of this.watchers) watcher.onBreakerChanged?.(channel);
        },
      ),
      wave: new FailureWave(this.clock),
      pool: null,
      lastWave: null,
    };
    this.channels.set(channelId, channel);
    return channel;
  }

  private schedule(channelId: number, pool: PoolHealth): void {
    const nextAtMs = pool.nextAtMs();
    if (nextAtMs === null) this.rests.cancel(pool);
    else this.rests.schedule(pool, nextAtMs);
    const channel = this.channels.get(channelId);
    if (channel?.pool !== pool) return;
    for (const watcher of this.watchers) watcher.onProbesChanged?.(channel);
  }
}

const NO_SETTINGS = {};
