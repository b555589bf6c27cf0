import { Injectable, Logger } from '@nestjs/common';
import { describeError } from '../common/describe-error';
import type { ChannelHealth } from './channel-health';
import type { DeadlineTimer } from './cooling/deadline-timer';
import { HealthRegistry, type HealthWatcher } from './health-registry';
import { sampleKeys } from './pool/sample-keys';
import { UNSUPPORTED_RULE } from './probe/probe-judgement';
import { Prober } from './probe/prober';

const MOST_KEYS_TRIED = 3;

/** Finds out when a channel that was left alone works again: one request of our own at a time, never a caller's. */
@Injectable()
export class BreakerTrials implements HealthWatcher {
  private readonly logger = new Logger(BreakerTrials.name);
  private readonly due: DeadlineTimer<ChannelHealth>;

  constructor(
    private readonly registry: HealthRegistry,
    private readonly prober: Prober,
  ) {
    this.due = registry.timer((channel) => {
      void this.tryOut(channel);
    });
    registry.watch(this);
  }

  onBreakerChanged(channel: ChannelHealth): void {
    const { state, retryAtMs, reason } = channel.breaker;
    if (state !== 'half-open') {
      const why = reason ? `: ${reason.kind} ${reason.code}` : '';
      this.logger.warn(`Channel ${channel.channelId} ${state === 'open' ? 'rests' : 'serves again'}${why}`);
    }
    if (retryAtMs === null) this.due.cancel(channel);
    else this.due.schedule(channel, retryAtMs);
  }

  private async tryOut(channel: ChannelHealth): Promise<void> {
    const { breaker } = channel;
    if (this.registry.find(channel.channelId) !== channel || !breaker.tryBegin()) return;
    try {
      if (await this.anyKeyWorks(channel)) breaker.trialPassed();
      else breaker.trialFailed();
    } catch (error) {
      this.logger.warn(`The trial of channel ${channel.channelId} failed: ${describeError(error)}`);
      breaker.trialFailed();
    }
  }

  private async anyKeyWorks({ channelId, pool, wave }: ChannelHealth): Promise<boolean> {
    // Where nothing may be probed, the next requests are the trial.
    if (!pool || !this.registry.policyOf(channelId).autoProbe) return true;
    const slots = sampleKeys(pool, MOST_KEYS_TRIED, (slot) => MAY_WORK.includes(pool.stateAt(slot) ?? 'dead'));
    if (slots.length === 0) return true;
    for (const slot of slots) {
      const finding = await this.prober.probe(channelId, pool.keyIdAt(slot), 'call', 'urgent');
      // Where nothing can be tried, too, the next requests are the trial.
      if (finding && (finding.verdict === null || finding.verdict.rule === UNSUPPORTED_RULE)) {
        wave.dismiss();
        return true;
      }
    }
    return false;
  }
}

const MAY_WORK: readonly string[] = ['active', 'cooling', 'suspect'];
