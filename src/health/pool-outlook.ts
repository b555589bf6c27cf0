import type { ChannelBreaker } from './breaker/channel-breaker';
import type { ChannelHealth } from './channel-health';

const TRIAL_MS = 1_000;

/** How many keys there are in each condition for one model, over some channels, and when that gets better. */
export interface PoolOutlook {
  readonly usable: number;
  readonly cooling: number;
  /** Waiting for a probe. */
  readonly suspect: number;
  readonly exhausted: number;
  /** Dead, or not to be decrypted. */
  readonly dead: number;
  /** Switched off by an admin. */
  readonly disabled: number;
  /** Channels that are left alone for a while after trouble of their upstream. */
  readonly pausedChannels: number;
  /** Whether one of these is paused because of rate limits. */
  readonly isRateLimited: boolean;
  /** Until the first cooling key or paused channel is back; null when none of them is going to be. */
  readonly soonestMs: number | null;
}

/** A channel, and a model by the name that its upstream knows. */
interface ServedModel {
  readonly health: ChannelHealth;
  readonly model: string;
}

export function outlookOf(served: readonly ServedModel[], nowMs: number): PoolOutlook {
  const total = { usable: 0, cooling: 0, suspect: 0, exhausted: 0, dead: 0, disabled: 0, pausedChannels: 0 };
  let isRateLimited = false;
  let soonestAtMs = Infinity;
  for (const { health, model } of served) {
    const { breaker, pool } = health;
    if (!pool) continue;
    total.cooling += pool.restingCount(model);
    total.suspect += pool.count('suspect');
    total.exhausted += pool.count('exhausted');
    total.dead += pool.count('dead') + pool.count('unreadable');
    total.disabled += pool.count('manual');
    if (breaker.admits()) {
      total.usable += pool.usableCount(model);
      soonestAtMs = Math.min(soonestAtMs, pool.soonestMs(model) ?? Infinity);
    } else {
      total.pausedChannels++;
      isRateLimited ||= breaker.reason?.kind === 'KEY_RATE';
      soonestAtMs = Math.min(soonestAtMs, reopensAtMs(breaker, nowMs));
    }
  }
  const soonestMs = soonestAtMs === Infinity ? null : Math.max(0, soonestAtMs - nowMs);
  return { ...total, isRateLimited, soonestMs };
}

/** A trial that is under way is over in a moment; when it may be begun anew is another matter. */
function reopensAtMs({ state, retryAtMs }: ChannelBreaker, nowMs: number): number {
  return state === 'half-open' ? nowMs + TRIAL_MS : (retryAtMs ?? Infinity);
}
