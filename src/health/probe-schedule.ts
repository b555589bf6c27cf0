import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { describeError } from '../common/describe-error';
import type { KeyState } from '../keys/key-state';
import type { ChannelHealth } from './channel-health';
import type { DeadlineTimer } from './cooling/deadline-timer';
import { HealthRegistry, type HealthWatcher } from './health-registry';
import type { PoolHealth } from './pool/pool-health';
import type { ProbeFinding } from './probe/probe-finding';
import { UNSUPPORTED_RULE } from './probe/probe-judgement';
import type { ProbeDepth } from './probe/probe-report';
import { ProbeSettlement } from './probe/probe-settlement';
import { Prober } from './probe/prober';
import { WaveWatch } from './wave-watch';

// The limit of probes a second is the prober's; so many may wait for their answers at a time.
const PROBES_AT_A_TIME = 8;
const POSTPONED_MS = 10_000;

/** Probes each key when its time has come, and lets the answer decide what becomes of it. */
@Injectable()
export class ProbeSchedule implements HealthWatcher, BeforeApplicationShutdown {
  private readonly logger = new Logger(ProbeSchedule.name);
  private readonly due: DeadlineTimer<ChannelHealth>;
  private readonly busy = new Set<ChannelHealth>();
  private isStopped = false;

  constructor(
    private readonly registry: HealthRegistry,
    private readonly prober: Prober,
    private readonly waves: WaveWatch,
    private readonly settlement: ProbeSettlement,
  ) {
    this.due = registry.timer((channel) => {
      void this.probeDue(channel);
    });
    registry.watch(this);
  }

  onProbesChanged(channel: ChannelHealth): void {
    if (this.busy.has(channel)) return;
    const nextAtMs = channel.pool?.nextProbeAtMs() ?? null;
    if (nextAtMs === null) this.due.cancel(channel);
    else this.due.schedule(channel, nextAtMs);
  }

  beforeApplicationShutdown(): void {
    this.isStopped = true;
  }

  private async probeDue(channel: ChannelHealth): Promise<void> {
    this.busy.add(channel);
    await Promise.all(Array.from({ length: PROBES_AT_A_TIME }, () => this.probeOneByOne(channel)));
    this.busy.delete(channel);
    this.onProbesChanged(channel);
  }

  private async probeOneByOne(channel: ChannelHealth): Promise<void> {
    while (!this.isStopped) {
      const slot = channel.pool?.takeDueProbe();
      if (slot === undefined || !channel.pool) return;
      await this.probe(channel, channel.pool, slot);
    }
  }

  private async probe(channel: ChannelHealth, pool: PoolHealth, slot: number): Promise<void> {
    const { channelId } = channel;
    if (this.registry.find(channelId) !== channel) return;
    try {
      if (await this.isSettled(channel, pool, slot)) return;
    } catch (error) {
      this.logger.warn(`A key of channel ${channelId} could not be probed: ${describeError(error)}`);
    }
    if (MAY_BE_PROBED.includes(pool.stateAt(slot) ?? 'manual'))
      pool.probeAt(slot, this.registry.nowMs() + POSTPONED_MS);
  }

  private async isSettled(channel: ChannelHealth, pool: PoolHealth, slot: number): Promise<boolean> {
    const { channelId } = channel;
    if (!this.registry.policyOf(channelId).autoProbe) return this.release(channelId, pool, slot);
    const finding = await this.prober.scheduled(channelId, pool.keyIdAt(slot), depthFor(pool, slot));
    return finding !== null && this.settle(channel, pool, finding);
  }

  /** Where nothing may be probed, a key that waits for its probe is left to the next requests instead. */
  private async release(channelId: number, pool: PoolHealth, slot: number): Promise<boolean> {
    const state = pool.stateAt(slot);
    if (state === 'dead') {
      pool.probeAt(slot, this.registry.nowMs() + this.registry.policyOf(channelId).deadMs);
    } else if (state === 'suspect' || state === 'exhausted') {
      await recovering(pool, slot, this.settlement.release(channelId, pool.seenAt(slot)));
    }
    return true;
  }

  /** False when the finding says more about the channel than about the key, so that the key must be asked again. */
  private async settle(channel: ChannelHealth, pool: PoolHealth, finding: ProbeFinding): Promise<boolean> {
    this.tellChannel(channel, finding);
    if (finding.verdict && (!channel.breaker.admits() || this.waves.isInvestigating(channel))) return false;
    const transition = this.settlement.propose(finding);
    if (!transition) return true;
    const stored = this.settlement.store(channel.channelId, transition);
    await (transition.to === 'active' ? recovering(pool, finding.key.index, stored) : stored);
    return true;
  }

  private tellChannel({ channelId, wave }: ChannelHealth, { key, verdict, hintMs, latencyMs }: ProbeFinding): void {
    if (verdict === null) wave.succeeded(key.index, this.registry.nowMs() - latencyMs);
    else if (verdict.rule !== UNSUPPORTED_RULE && IS_NEWS.includes(key.state)) {
      this.waves.failed({ channelId, slot: key.index, verdict, hintMs });
    }
  }
}

/** Until this is stored, that the key becomes active is our doing, and no admin's. */
async function recovering(pool: PoolHealth, slot: number, stored: Promise<unknown>): Promise<void> {
  pool.expectRecovery(slot);
  try {
    await stored;
  } finally {
    pool.expectNoRecovery(slot);
  }
}

const MAY_BE_PROBED: readonly KeyState[] = ['active', 'suspect', 'exhausted', 'dead'];
// Keys that are out for long, and still are, tell nothing new of their channel.
const IS_NEWS: readonly KeyState[] = ['active', 'cooling', 'suspect'];

/** What costs nothing comes first; it cannot tell whether a quota is back, and was wrong about a key that failed again. */
function depthFor(pool: PoolHealth, slot: number): ProbeDepth {
  return pool.stateAt(slot) === 'exhausted' || pool.strikes.count(slot, 'suspicions') > 1 ? 'call' : 'free';
}
