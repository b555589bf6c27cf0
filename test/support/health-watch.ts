import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelView, HealthView } from './health-view';

const WATCH_PAUSE_MS = 50;

/** Looks at a channel again and again until it is stopped, and remembers the worst. */
export class HealthWatch {
  /** Most keys at a time that were disabled automatically. */
  mostOut = 0;
  readonly breakers: ChannelView['breaker'][] = [];
  private isStopped = false;
  private readonly watching: Promise<void>;

  constructor(private readonly view: HealthView) {
    this.watching = this.look();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.watching;
  }

  private async look(): Promise<void> {
    while (!this.isStopped) {
      const [keys, { breaker }] = await Promise.all([this.view.keys(), this.view.channel()]);
      this.mostOut = Math.max(this.mostOut, keys.filter(({ status }) => status === 3).length);
      this.breakers.push(breaker);
      await sleep(WATCH_PAUSE_MS);
    }
  }
}
