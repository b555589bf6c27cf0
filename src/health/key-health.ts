import { Injectable } from '@nestjs/common';
import type { ChannelRoute } from '../channels/channel-route';
import { Clock } from '../common/clock';
import type { AttemptFacts, Strike } from './attempt-facts';
import { retryHintMs } from './cooling/retry-hint';
import { HealthRegistry } from './health-registry';
import { maskLikelyKeys } from './key-redaction';
import { KeyPenalties, type Penalty } from './key-penalties';
import type { PoolHealth } from './pool/pool-health';
import { outlookOf, type PoolOutlook } from './pool-outlook';
import { classify, classifyTransport } from './verdict/classifier';
import type { UpstreamAnswer, Verdict } from './verdict/verdict';
import { WaveWatch } from './wave-watch';

/** How long a channel is not asked for a model that its upstream has nobody for. */
export const MODEL_CLOSED_MS = 10_000;

/** Judges what attempts say about keys and channels, and acts on it; synchronous, never throws, does no I/O. */
@Injectable()
export class KeyHealth {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly penalties: KeyPenalties,
    private readonly waves: WaveWatch,
    private readonly clock: Clock,
  ) {}

  /** Whether requests may go to this channel at all. */
  admits(channelId: number): boolean {
    return this.registry.find(channelId)?.breaker.admits() ?? true;
  }

  /** The upstream accepts the key: the head of a good answer is there. */
  succeeded({ channel, key, startedAtMs }: AttemptFacts): void {
    const { wave, pool } = this.registry.of(channel.id);
    wave.succeeded(key.index, startedAtMs);
    pool?.succeeded(key.index, startedAtMs);
  }

  /** The upstream works: a good answer came to its end, or went well for as long as somebody listened. */
  completed({ channel, startedAtMs }: AttemptFacts): void {
    this.registry.of(channel.id).breaker.succeeded(startedAtMs);
  }

  /** The upstream failed this attempt and served the same request with another key: it may be the key after all. */
  outdone(attempt: AttemptFacts): void {
    const pool = this.currentPoolOf(attempt);
    if (pool) this.penalties.restIfFlaky(attempt, pool, this.registry.policyOf(attempt.channel.id));
  }

  /** What an answer means, by the channel's own overrides and its provider's table. */
  judge({ id, type }: ChannelRoute, answer: UpstreamAnswer): Verdict {
    const verdict = classify(type, answer, this.registry.policyOf(id).overrides);
    // Whoever writes the codes of an upstream may write keys into them.
    return { ...verdict, code: maskLikelyKeys(verdict.code) };
  }

  /** What it means that no answer came; `errorCode` as undici or node give it. */
  judgeTransport(errorCode: string): Verdict {
    return classifyTransport(errorCode);
  }

  /** Lets a verdict take its effect on the key or the channel; null when there is nothing to take back. */
  punish(attempt: AttemptFacts, verdict: Verdict, answer: UpstreamAnswer | null): Strike | null {
    if (verdict.kind !== 'CHANNEL' && verdict.kind !== 'HOST') {
      // Whatever it says of the key or the request, an upstream that judges them works.
      this.registry.of(attempt.channel.id).breaker.succeeded(attempt.startedAtMs);
    }
    if (verdict.kind === 'REQUEST') return null;
    const pool = this.currentPoolOf(attempt);
    pool?.failed(attempt.key.index);
    if (verdict.kind === 'CHANNEL' || verdict.kind === 'HOST') {
      this.blameChannel(attempt, verdict, verdict.kind);
      return null;
    }
    if (!pool || !this.admits(attempt.channel.id)) return null;
    return this.strike(this.penaltyFor(attempt, verdict, answer), pool);
  }

  /** Why there is no key for this model, as it was asked for, in these channels. */
  outlook(channels: readonly ChannelRoute[], model: string): PoolOutlook {
    const served = channels.map(({ id, modelMapping }) => ({
      health: this.registry.of(id),
      model: modelMapping.map(model),
    }));
    return outlookOf(served, this.clock.nowMs());
  }

  /** Null when the key was changed since: what an old attempt says of it is no longer true. */
  private currentPoolOf({ channel, key }: AttemptFacts): PoolHealth | null {
    const { pool } = this.registry.of(channel.id);
    return pool?.isCurrent(key) ? pool : null;
  }

  private blameChannel(
    { channel, model, startedAtMs }: AttemptFacts,
    verdict: Verdict,
    kind: 'CHANNEL' | 'HOST',
  ): void {
    const { breaker, pool } = this.registry.of(channel.id);
    // What the upstream lacks for one model is no reason to keep the others from it.
    if (verdict.scope === 'model') pool?.closeModel(model, this.clock.nowMs() + MODEL_CLOSED_MS);
    else breaker.failed(kind, verdict.code, startedAtMs, verdict.minimumCoolMs);
  }

  private penaltyFor(attempt: AttemptFacts, verdict: Verdict, answer: UpstreamAnswer | null): Penalty {
    const hintMs = answer && retryHintMs(answer, this.clock.wallMs());
    const policy = this.registry.policyOf(attempt.channel.id);
    return { attempt, verdict, httpStatus: answer?.status ?? null, hintMs, policy };
  }

  private strike(penalty: Penalty, pool: PoolHealth): Strike | null {
    const { verdict, hintMs, attempt, policy } = penalty;
    if (verdict.kind === 'KEY_MODEL') return this.penalties.bench(penalty, pool);
    if (!policy.autoDisable) return null;
    const strike = this.penalties.impose(penalty, pool);
    this.waves.failed({ channelId: attempt.channel.id, slot: attempt.key.index, verdict, hintMs });
    return strike;
  }
}
