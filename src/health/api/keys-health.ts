import { Injectable } from '@nestjs/common';
import { STATUS, statusText } from '../../channels/status';
import { Clock } from '../../common/clock';
import { unixSeconds } from '../../common/unix-seconds';
import { KeyReasons } from '../../keys/key-reasons';
import { type KeyState, STATUS_OF_STATE } from '../../keys/key-state';
import { KeyViews, type ListedKey } from '../../keys/key-views';
import { HealthRegistry } from '../health-registry';
import type { PoolHealth } from '../pool/pool-health';
import { healthScore } from '../score/health-score';
import type { MeasuredHealth } from '../score/score-windows';
import type { HealthOfKeyDto, KeysHealthDto, KeysHealthQueryDto, OverallHealth } from './keys-health.dto';

const NOTHING_MEASURED: MeasuredHealth = { successes: 0, failures: 0, meanLatencyMs: null };

/** Shows how a channel's keys fare: as stored, and as this process saw them in the last hour. */
@Injectable()
export class KeysHealth {
  constructor(
    private readonly keys: KeyViews,
    private readonly reasons: KeyReasons,
    private readonly registry: HealthRegistry,
    private readonly clock: Clock,
  ) {}

  /** Throws a `ChannelNotFoundError`. */
  async show(channelId: number, query: KeysHealthQueryDto): Promise<KeysHealthDto> {
    const { channel, keys, paging } = await this.keys.list(channelId, query);
    const { cooling_keys, ...stats } = await this.keys.stats(channelId);
    const usableShare = await this.usableShare(channelId);
    const pool = this.poolOf(channelId);
    return {
      channel_id: channelId,
      channel_name: channel.name,
      ...stats,
      cooling_keys: pool?.count('cooling') ?? cooling_keys,
      healthy_ratio: Math.round(usableShare * 10_000) / 10_000,
      overall_health: overallHealth(usableShare),
      keys_health: keys.map((key) => this.healthOf(channelId, key, pool)),
      ...paging,
    };
  }

  private poolOf(channelId: number): PoolHealth | null {
    return this.registry.find(channelId)?.pool ?? null;
  }

  private async usableShare(channelId: number): Promise<number> {
    const pool = this.poolOf(channelId);
    if (pool) return share(pool.usableCount(), pool.size);
    // The keys of a channel that is switched off are in memory only if they came there before.
    const counts = await this.reasons.count(channelId);
    return share(sum(counts.filter(({ state }) => state === 'active')), sum(counts));
  }

  private healthOf(channelId: number, key: ListedKey, pool: PoolHealth | null): HealthOfKeyDto {
    const { index, keyId, mask, status, usage, lastUsed, revision } = key;
    const live = pool?.isCurrent({ channelId, keyId, index, revision }) ? pool.stateAt(index) : null;
    const state = live ?? this.storedState(key);
    const measured = pool?.keyIdAt(index) === keyId ? pool.scores.read(index) : NOTHING_MEASURED;
    const { successes, failures, meanLatencyMs } = measured;
    return {
      index,
      key: mask,
      status,
      status_text: statusText(status),
      state,
      usage,
      last_used: unixSeconds(lastUsed),
      health_score: STATUS_OF_STATE[state] === STATUS.enabled ? healthScore(measured) : 0,
      requests_last_hour: successes + failures,
      failures_last_hour: failures,
      mean_latency_ms: meanLatencyMs === null ? null : Math.round(meanLatencyMs),
    };
  }

  /** Nobody writes down that a rest is over. */
  private storedState({ state, until }: ListedKey): KeyState {
    const isOver = state === 'cooling' && until !== null && until.getTime() <= this.clock.wallMs();
    return isOver ? 'active' : state;
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(counts: readonly { readonly count: number }[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}

function overallHealth(usableShare: number): OverallHealth {
  if (usableShare >= 0.8) return 'excellent';
  if (usableShare >= 0.6) return 'good';
  if (usableShare >= 0.4) return 'fair';
  return usableShare > 0 ? 'poor' : 'critical';
}
