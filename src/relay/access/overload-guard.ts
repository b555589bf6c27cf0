import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../common/clock';
import { AppConfig } from '../../config/app-config';

const SAMPLE_PAUSE_MS = 500;
// One late sample is a noisy machine; two in a row are work that does not get done.
const LATE_SAMPLES_TO_REFUSE = 2;

/**
 * Says whether one more request can be served: not while `RELAY_MAX_IN_FLIGHT` are in flight, and not while the event loop
 * runs behind by more than `RELAY_MAX_LOOP_LAG`.
 */
@Injectable()
export class OverloadGuard implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly maxInFlight: number;
  private readonly maxLagMs: number;
  private inFlight = 0;
  private lateSamples = 0;
  private sampledAtMs = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    config: AppConfig,
    private readonly clock: Clock,
  ) {
    this.maxInFlight = config.relayMaxInFlight;
    this.maxLagMs = config.relayMaxLoopLagMs;
  }

  onApplicationBootstrap(): void {
    if (this.maxLagMs === 0) return;
    this.sampledAtMs = this.clock.nowMs();
    this.timer = setInterval(() => {
      this.sample();
    }, SAMPLE_PAUSE_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    if (this.timer) clearInterval(this.timer);
  }

  admits(): boolean {
    return this.inFlight < this.maxInFlight && this.lateSamples < LATE_SAMPLES_TO_REFUSE;
  }

  entered(): void {
    this.inFlight += 1;
  }

  left(): void {
    this.inFlight -= 1;
  }

  private sample(): void {
    const nowMs = this.clock.nowMs();
    const lagMs = nowMs - this.sampledAtMs - SAMPLE_PAUSE_MS;
    this.sampledAtMs = nowMs;
    this.lateSamples = lagMs > this.maxLagMs ? this.lateSamples + 1 : 0;
  }
}
