import { Logger } from '@nestjs/common';

type Listener<T> = (news: T) => Promise<void> | void;

/**
 * Carries news upwards, from a feature to those that keep a picture of it in memory: announced after commit, and
 * awaited, so that whoever made the change sees it in force. A listener that fails is logged and stops nobody; its
 * owner catches up by its own periodic refresh.
 */
export abstract class Announcement<T> {
  private readonly logger = new Logger(this.constructor.name);
  private readonly listeners: Listener<T>[] = [];

  subscribe(listener: Listener<T>): void {
    this.listeners.push(listener);
  }

  async announce(news: T): Promise<void> {
    for (const listener of this.listeners) {
      try {
        await listener(news);
      } catch (error) {
        this.logger.warn(`A listener failed: ${error instanceof Error ? error.name : 'unknown error'}`);
      }
    }
  }
}
