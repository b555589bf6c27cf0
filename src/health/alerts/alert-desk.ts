import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ChannelDirectory } from '../../channels/channel-directory';
import { PeriodicTask } from '../../common/periodic-task';
import { AppConfig } from '../../config/app-config';
import type { ChannelHealth } from '../channel-health';
import { HealthRegistry } from '../health-registry';
import { AlertSender } from './alert-sender';
import { AlertWatch, type ChannelObservation } from './alert-watch';

const LOOK_EVERY_MS = 1_000;
// Waves that follow one another so closely are one.
const WAVE_LASTS_MS = 60_000;

/** Looks at every channel each second and sends the alerts that are due. */
@Injectable()
export class AlertDesk implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(AlertDesk.name);
  private readonly watch: AlertWatch;
  private readonly watched = new Set<number>();
  private readonly looking = new PeriodicTask(
    () => this.look(),
    LOOK_EVERY_MS,
    () => {
      this.logger.error('The channels could not be looked at for alerts');
    },
  );

  constructor(
    private readonly directory: ChannelDirectory,
    private readonly registry: HealthRegistry,
    private readonly sender: AlertSender,
    private readonly config: AppConfig,
  ) {
    this.watch = new AlertWatch(config.alertPoolSharePercent);
  }

  onApplicationBootstrap(): void {
    if (this.config.alertWebhookUrl !== null) this.looking.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.looking.stop();
  }

  private look(): Promise<void> {
    const at = new Date();
    for (const { id, name } of this.directory.list()) {
      const seen = observationOf(name, this.registry.of(id), this.registry.nowMs());
      if (!seen) continue;
      this.watched.add(id);
      for (const alert of this.watch.observe(seen, at)) this.sender.send(alert);
    }
    this.forgetThoseGone();
    return Promise.resolve();
  }

  private forgetThoseGone(): void {
    for (const id of this.watched) {
      if (this.directory.find(id)) continue;
      this.watch.forget(id);
      this.watched.delete(id);
    }
  }
}

/** Null while the keys are not loaded. */
function observationOf(
  channelName: string,
  { channelId, pool, breaker, lastWave }: ChannelHealth,
  nowMs: number,
): ChannelObservation | null {
  if (!pool) return null;
  return {
    channelId,
    channelName,
    isBreakerOpen: !breaker.admits(),
    reason: breaker.reason,
    usable: pool.usableCount(),
    total: pool.size,
    diedInWave: lastWave && nowMs - lastWave.seenAtMs < WAVE_LASTS_MS ? lastWave.keyCount : 0,
  };
}
