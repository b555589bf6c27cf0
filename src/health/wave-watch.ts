import { Injectable, Logger } from '@nestjs/common';
import { describeError } from '../common/describe-error';
import type { BreakerReason } from './breaker/channel-breaker';
import type { WaveSuspicion } from './breaker/failure-wave';
import type { ChannelHealth } from './channel-health';
import { HealthRegistry } from './health-registry';
import { KeyPenalties } from './key-penalties';
import { sampleKeys } from './pool/sample-keys';
import { UNSUPPORTED_RULE } from './probe/probe-judgement';
import { Prober } from './probe/prober';
import type { Verdict } from './verdict/verdict';

/** A key failed, in traffic or in a probe. */
export interface KeyFailure {
  readonly channelId: number;
  readonly slot: number;
  readonly verdict: Pick<Verdict, 'kind' | 'code'>;
  readonly hintMs: number | null;
}

const MOST_WITNESSES = 3;

/**
 * Finds out whether keys that fail alike are to blame or their channel: asks keys that did not fail, in requests of our
 * own. If they fare no better, the channel's breaker opens and the keys are given back what they were charged with.
 */
@Injectable()
export class WaveWatch {
  private readonly logger = new Logger(WaveWatch.name);
  private readonly investigated = new Set<ChannelHealth>();

  constructor(
    private readonly registry: HealthRegistry,
    private readonly penalties: KeyPenalties,
    private readonly prober: Prober,
  ) {}

  failed({ channelId, slot, verdict: { kind, code }, hintMs }: KeyFailure): void {
    if (kind !== 'KEY_DEAD' && kind !== 'KEY_RATE' && kind !== 'AMBIGUOUS') return;
    const channel = this.registry.of(channelId);
    const { pool, wave } = channel;
    if (!pool) return;
    const inPlay = pool.count('active') + pool.count('cooling') + pool.count('suspect');
    const suspicion = wave.failed(slot, `${kind}:${code}`, inPlay);
    if (!suspicion || this.investigated.has(channel)) return;
    if (kind !== 'KEY_RATE') channel.lastWave = { keyCount: suspicion.slots.length, seenAtMs: this.registry.nowMs() };
    this.investigated.add(channel);
    this.investigate(channel, suspicion, { kind, code, hintMs })
      .catch((error: unknown) => {
        this.logger.error(`Channel ${channelId} could not be looked into: ${describeError(error)}`);
      })
      .finally(() => {
        this.investigated.delete(channel);
      });
  }

  /** Whether it is open at the moment who is to blame. */
  isInvestigating(channel: ChannelHealth): boolean {
    return this.investigated.has(channel);
  }

  private async investigate(
    channel: ChannelHealth,
    suspicion: WaveSuspicion,
    reason: BreakerReason & Pick<KeyFailure, 'hintMs'>,
  ): Promise<void> {
    const { slots } = suspicion;
    const isSpokenFor = await this.anyWitnessSpeaksFor(channel, slots, reason);
    // A caller's success meanwhile says as much as a witness.
    if (isSpokenFor || !channel.wave.stands(suspicion)) channel.wave.dismiss();
    else this.blame(channel, slots, reason);
  }

  private async anyWitnessSpeaksFor(
    { channelId, pool }: ChannelHealth,
    suspects: readonly number[],
    blamed: BreakerReason,
  ): Promise<boolean> {
    if (!pool || !this.registry.policyOf(channelId).autoProbe) return false;
    const others = sampleKeys(pool, MOST_WITNESSES, (slot) => pool.isUsable(slot) && !suspects.includes(slot));
    const witnesses = others.length > 0 ? others : suspects.slice(0, MOST_WITNESSES);
    const findings = await Promise.all(
      witnesses.map((slot) => this.prober.probe(channelId, pool.keyIdAt(slot), 'call', 'urgent')),
    );
    return findings.some((finding) => finding !== null && speaksFor(finding.verdict, blamed));
  }

  private blame(
    channel: ChannelHealth,
    slots: readonly number[],
    { hintMs, ...reason }: BreakerReason & Pick<KeyFailure, 'hintMs'>,
  ): void {
    const { pool, wave, breaker, channelId } = channel;
    this.logger.warn(
      `Channel ${channelId}: ${slots.length} keys failed alike (${reason.code}); the channel rests, not they`,
    );
    breaker.open(reason, hintMs ?? undefined);
    for (const slot of slots) if (pool) this.penalties.restore(channelId, pool, slot);
    wave.dismiss();
  }
}

/** Whether this key fares otherwise, and not because it could not be tried or for trouble that no key is to blame for. */
function speaksFor(verdict: Verdict | null, blamed: BreakerReason): boolean {
  if (verdict === null) return true;
  if (verdict.kind === 'CHANNEL' || verdict.kind === 'HOST' || verdict.rule === UNSUPPORTED_RULE) return false;
  return verdict.kind !== blamed.kind || verdict.code !== blamed.code;
}
