import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock';
import { type KeyTransition, WITHOUT_REASON } from '../keys/key-transition';
import type { AttemptFacts, Strike } from './attempt-facts';
import { exhaustedMs, rateCoolingMs } from './cooling/cooling-time';
import type { HealthPolicy } from './health-policy';
import type { PoolHealth } from './pool/pool-health';
import { redactKeys } from './key-redaction';
import { isSame } from './pool/rest';
import { TransitionQueue } from './transition-queue';
import type { Verdict } from './verdict/verdict';

/** An attempt's verdict together with what its effect depends on. */
export interface Penalty {
  readonly attempt: AttemptFacts;
  readonly verdict: Verdict;
  /** Null when no answer came. */
  readonly httpStatus: number | null;
  /** How long the upstream asks to wait; null when it does not say. */
  readonly hintMs: number | null;
  readonly policy: HealthPolicy;
}

// Shorter rests are over before it would matter that they were stored.
const SHORTEST_STORED_MS = 10_000;
const LONGEST_SUSPICION_MS = 300_000;
/** How long a key is kept from a model that it may not use. */
export const MODEL_BENCH_MS = 600_000;
const LONGEST_QUIET_PROBE_PAUSE_MS = 2_000;
const LONGEST_CODE = 64;
const LONGEST_DETAIL = 500;
const LONGEST_MODEL = 200;

/** Takes keys out of their pools for what attempts with them showed, at once in memory and a moment later in the database. */
@Injectable()
export class KeyPenalties {
  constructor(
    private readonly clock: Clock,
    private readonly queue: TransitionQueue,
  ) {}

  /** Takes the key out as its verdict demands: one that speaks against the key. */
  impose(penalty: Penalty, pool: PoolHealth): Strike | null {
    const { kind } = penalty.verdict;
    if (kind === 'KEY_RATE') this.cool(penalty, pool);
    else if (kind === 'KEY_EXHAUSTED') this.exhaust(penalty, pool);
    else return this.suspect(penalty, pool);
    return null;
  }

  private cool(penalty: Penalty, pool: PoolHealth): void {
    const { attempt, verdict, hintMs, policy } = penalty;
    const { key, model, startedAtMs } = attempt;
    const nowMs = this.clock.nowMs();
    const level = pool.strikes.add(key.index, 'rateLimits', startedAtMs, nowMs);
    const ms = rateCoolingMs({ hintMs, verdict, level, defaultMs: policy.coolDefaultMs, jitter: Math.random() });
    if (verdict.scope === 'channel') {
      pool.closeModel(model, nowMs + ms);
      return;
    }
    this.rest(penalty, pool, ms);
  }

  private exhaust(penalty: Penalty, pool: PoolHealth): void {
    const { attempt, verdict, hintMs, policy } = penalty;
    const { key, startedAtMs } = attempt;
    const nowMs = this.clock.nowMs();
    const level = pool.strikes.add(key.index, 'exhaustions', startedAtMs, nowMs);
    const defaultMs = policy.exhaustedMs;
    const wallNowMs = this.clock.wallMs();
    const ms = exhaustedMs({ hintMs, verdict, level, defaultMs, wallNowMs, jitter: Math.random() });
    if (verdict.scope === 'model') {
      this.rest(penalty, pool, ms);
      return;
    }
    pool.enter(key.index, 'exhausted');
    pool.probeAt(key.index, nowMs + ms);
    this.store(penalty, { to: 'exhausted', lastsMs: ms, probeInMs: ms });
  }

  /** Until a probe has decided. */
  private suspect(penalty: Penalty, pool: PoolHealth): Strike | null {
    const { attempt, policy } = penalty;
    const { key, startedAtMs } = attempt;
    const state = pool.stateAt(key.index);
    if (state !== 'active' && state !== 'cooling') return null;
    const nowMs = this.clock.nowMs();
    const level = pool.strikes.add(key.index, 'suspicions', startedAtMs, nowMs);
    const probeInMs = Math.min(policy.suspectMs * 2 ** level, LONGEST_SUSPICION_MS) * (1 + 2 * Math.random());
    pool.enter(key.index, 'suspect');
    pool.probeAt(key.index, nowMs + probeInMs);
    this.store(penalty, { to: 'suspect', probeInMs });
    return {
      refund: () => {
        if (pool.stateAt(key.index) !== 'suspect') return;
        pool.strikes.takeBack(key.index, 'suspicions');
        this.restore(key.channelId, pool, key.index, LONGEST_QUIET_PROBE_PAUSE_MS * Math.random());
      },
    };
  }

  /** Lets a key rest, in memory alone, that fails in a way for which the channel is blamed, while others do not. */
  restIfFlaky({ key: { index }, startedAtMs }: AttemptFacts, pool: PoolHealth, policy: HealthPolicy): void {
    if (!policy.autoDisable) return;
    const nowMs = this.clock.nowMs();
    pool.strikes.add(index, 'faults', startedAtMs, nowMs);
    const fault = {
      slot: index,
      startedAtMs,
      nowMs,
      inARow: pool.strikes.count(index, 'faults'),
      measured: pool.scores.read(index),
      enabledKeys: pool.count('active') + pool.count('cooling'),
    };
    const ms = pool.flaky.failed(fault, policy.coolDefaultMs);
    if (ms !== null) pool.cool(index, { model: null, untilMs: nowMs + ms });
  }

  /** Keeps the key from this one model for a while; nothing is stored, for the caller may have made the model up. */
  bench({ attempt, verdict }: Penalty, pool: PoolHealth): Strike | null {
    const { key, model } = attempt;
    // The last key for a model is worth a try each time: its answer says more than that it was not asked.
    if (pool.usableCount(model) <= 1) return null;
    if (!pool.bench(key.index, model, this.clock.nowMs() + (verdict.fixedCoolMs ?? MODEL_BENCH_MS))) return null;
    return {
      refund: () => {
        pool.unbench(key.index, model);
      },
    };
  }

  /** Brings a key back that was taken out by mistake; `probeInMs` has it probed while it serves. */
  restore(channelId: number, pool: PoolHealth, slot: number, probeInMs: number | null = null): void {
    const state = pool.stateAt(slot);
    if (state !== 'cooling' && state !== 'suspect' && state !== 'dead') return;
    const { keyId, revision } = pool.seenAt(slot);
    pool.enter(slot, 'active');
    if (probeInMs !== null) pool.probeAt(slot, this.clock.nowMs() + probeInMs);
    // What was not stored yet need not be taken back; what was, is.
    this.queue.cancel(channelId, keyId, revision);
    if (pool.storedStateAt(slot) === 'active' && !this.queue.isStoring(channelId, keyId)) return;
    this.queue.add(channelId, { ...WITHOUT_REASON, keyId, revision, to: 'active', actor: 'system', probeInMs });
  }

  private rest(penalty: Penalty, pool: PoolHealth, ms: number): void {
    const { attempt, verdict } = penalty;
    const { index } = attempt.key;
    const nowMs = this.clock.nowMs();
    const before = pool.restAt(index);
    const rest = pool.cool(index, { model: verdict.scope === 'model' ? attempt.model : null, untilMs: nowMs + ms });
    if (!rest || (before && isSame(rest, before))) return;
    const lastsMs = rest.untilMs - nowMs;
    const model = rest.model === null ? null : storable(rest.model);
    if (lastsMs >= SHORTEST_STORED_MS) this.store(penalty, { to: 'cooling', model, lastsMs });
  }

  private store(
    { attempt: { key, model, channel }, verdict, httpStatus }: Penalty,
    change: Pick<KeyTransition, 'to'> & Partial<Pick<KeyTransition, 'model' | 'lastsMs' | 'probeInMs'>>,
  ): void {
    this.queue.add(channel.id, {
      ...WITHOUT_REASON,
      keyId: key.keyId,
      revision: key.revision,
      code: redactKeys(verdict.code, key.secret).slice(0, LONGEST_CODE),
      detail: redactKeys(verdict.message, key.secret).slice(0, LONGEST_DETAIL) || null,
      httpStatus,
      actor: 'traffic',
      model: storable(model),
      ...change,
    });
  }
}

/** A caller's name for a model, as PostgreSQL takes it: without NUL and halves of surrogate pairs. */
function storable(model: string): string {
  return model.slice(0, LONGEST_MODEL).replaceAll('\0', '').toWellFormed();
}
