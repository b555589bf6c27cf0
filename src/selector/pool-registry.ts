import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ChannelDirectory } from '../channels/channel-directory';
import type { ChannelRoute } from '../channels/channel-route';
import { CoalescedRefresh } from '../common/coalesced-refresh';
import { describeError } from '../common/describe-error';
import { PeriodicTask } from '../common/periodic-task';
import { HealthRegistry } from '../health/health-registry';
import { KeyChanges } from '../keys/key-changes';
import { FIRST_KEY, type KeyBookmark } from '../keys/key-bookmark';
import { KeySnapshots } from '../keys/key-snapshots';
import { KeyPool } from './key-pool';

/** A pool and how far it has followed the database. */
interface FollowedPool {
  pool: KeyPool;
  bookmark: KeyBookmark;
  readonly refresh: CoalescedRefresh;
}

const RESYNC_PAUSE_MS = 5_000;

/**
 * Holds every channel's pool in memory and in step with the database: at once for changes made by this process, within
 * seconds for those made elsewhere or missed.
 */
@Injectable()
export class PoolRegistry implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(PoolRegistry.name);
  private readonly pools = new Map<number, FollowedPool>();
  private readonly resyncing = new PeriodicTask(
    () => this.resync(),
    RESYNC_PAUSE_MS,
    () => {
      this.logger.warn('Pools could not be compared with the database; those in memory stay in force');
    },
  );

  constructor(
    private readonly channels: ChannelDirectory,
    private readonly snapshots: KeySnapshots,
    private readonly changes: KeyChanges,
    private readonly health: HealthRegistry,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.changes.subscribe((channelId) => this.follow(channelId).refresh.run());
    await this.resync();
    this.resyncing.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.resyncing.stop();
  }

  find(channelId: number): KeyPool | null {
    return this.pools.get(channelId)?.pool ?? null;
  }

  private async resync(): Promise<void> {
    await this.channels.reload();
    const listed = new Map(this.channels.list().map((channel) => [channel.id, channel]));
    for (const id of new Set([...listed.keys(), ...this.pools.keys()])) {
      const channel = listed.get(id);
      if (channel && this.isInStep(channel)) continue;
      try {
        await this.follow(id).refresh.run();
      } catch (error) {
        this.logger.error(`The keys of channel ${id} could not be read: ${describeError(error)}`);
      }
    }
  }

  private isInStep({ id, keyGeneration, keyRevision }: ChannelRoute): boolean {
    const bookmark = this.pools.get(id)?.bookmark ?? FIRST_KEY;
    return bookmark.generation === keyGeneration && bookmark.revision >= keyRevision;
  }

  private follow(channelId: number): FollowedPool {
    const known = this.pools.get(channelId);
    if (known) return known;
    const followed: FollowedPool = {
      pool: new KeyPool(this.health, channelId),
      bookmark: FIRST_KEY,
      refresh: new CoalescedRefresh(() => this.catchUp(channelId, followed)),
    };
    this.pools.set(channelId, followed);
    return followed;
  }

  private async catchUp(channelId: number, followed: FollowedPool): Promise<void> {
    let pool = followed.pool;
    let bookmark = followed.bookmark;
    for (let hasMore = true; hasMore;) {
      const page = await this.snapshots.readChanges(channelId, bookmark);
      if (!page) {
        this.pools.delete(channelId);
        this.health.forget(channelId);
        return;
      }
      // Anew means another pool, which takes over once it is complete: requests never meet half of one.
      if (page.isAnew) pool = new KeyPool(this.health, channelId);
      pool.origin = page.origin;
      for (const key of page.keys) pool.apply(key);
      ({ bookmark, hasMore } = page);
    }
    followed.pool = pool;
    this.health.adopt(channelId, pool.health);
    followed.bookmark = bookmark;
  }
}
