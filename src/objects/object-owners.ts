import { hash } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Dialect } from '../channels/dialect';
import { PeriodicTask } from '../common/periodic-task';
import type { ObjectOwner, OwnedObject } from './object-owner';
import { UpstreamObjectsRepository } from './upstream-objects.repository';

type Fate = ObjectOwner | 'deleted';

const MOST_IN_MEMORY = 100_000;
const MOST_WAITING = 100_000;
const MOST_PER_STATEMENT = 5_000;
// An agent that goes on within a moment may meet another instance, which knows only what is stored.
const STORE_PAUSE_MS = 200;

/**
 * Knows which key created the objects that upstreams keep, and for which token: this process's at once, those of others a
 * moment after they were created.
 */
@Injectable()
export class ObjectOwners implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ObjectOwners.name);
  /** By digest, as everything here: whoever invents long ids fills no memory with them. */
  private readonly known = new LRUCache<string, Fate>({ max: MOST_IN_MEMORY });
  private readonly waiting = new Map<string, Fate>();
  private dropped = 0;
  private readonly storing = new PeriodicTask(
    () => this.store(),
    STORE_PAUSE_MS,
    () => {
      this.logger.warn(
        `Owners of upstream objects could not be stored; ${this.waiting.size} wait to be, ${this.dropped} were too many`,
      );
    },
  );

  constructor(private readonly objects: UpstreamObjectsRepository) {}

  onApplicationBootstrap(): void {
    this.storing.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.storing.stop();
    await this.store().catch(() => {
      this.logger.error(`The owners of ${this.waiting.size} upstream objects are lost: the database is away`);
    });
  }

  /** Never throws and never waits. An object that is known as another token's stays so. */
  remember({ dialect, id, tokenId, channelId, keyId }: OwnedObject): void {
    const digest = digestOf(dialect, id);
    const before = this.known.get(digest);
    if (before !== undefined && before !== 'deleted') {
      const isNews = before.tokenId === tokenId && (before.channelId !== channelId || before.keyId !== keyId);
      if (!isNews) return;
    }
    this.settle(digest, { tokenId, channelId, keyId });
  }

  /** The object is no more. Never throws and never waits. */
  forget(dialect: Dialect, id: string): void {
    this.settle(digestOf(dialect, id), 'deleted');
  }

  /**
   * Null when no object of that name is known. Reads one row when this process has not met it, and rejects when the
   * database is away.
   */
  find(dialect: Dialect, id: string): ObjectOwner | null | Promise<ObjectOwner | null> {
    const digest = digestOf(dialect, id);
    const fate = this.known.get(digest);
    return fate === undefined ? this.read(digest) : ownerOf(fate);
  }

  private async read(digest: string): Promise<ObjectOwner | null> {
    const stored = await this.objects.find(digest);
    const meanwhile = this.known.get(digest);
    if (meanwhile !== undefined) return ownerOf(meanwhile);
    // That there is none is not remembered: another instance may be about to store it.
    if (stored) this.known.set(digest, stored);
    return stored;
  }

  private settle(digest: string, fate: Fate): void {
    this.known.set(digest, fate);
    if (this.waiting.size < MOST_WAITING || this.waiting.has(digest)) this.waiting.set(digest, fate);
    else this.dropped++;
  }

  private async store(): Promise<void> {
    let batch: ReadonlyMap<string, Fate>;
    do {
      batch = this.takeBatch();
      try {
        await this.write(batch);
      } catch (error) {
        for (const [digest, fate] of batch) if (!this.waiting.has(digest)) this.waiting.set(digest, fate);
        throw error;
      }
    } while (batch.size === MOST_PER_STATEMENT);
    this.dropped = 0;
  }

  private takeBatch(): ReadonlyMap<string, Fate> {
    const batch = new Map<string, Fate>();
    for (const [digest, fate] of this.waiting) {
      if (batch.size === MOST_PER_STATEMENT) break;
      batch.set(digest, fate);
      this.waiting.delete(digest);
    }
    return batch;
  }

  private async write(batch: ReadonlyMap<string, Fate>): Promise<void> {
    const owners = new Map<string, ObjectOwner>();
    const deleted: string[] = [];
    for (const [digest, fate] of batch) {
      if (fate === 'deleted') deleted.push(digest);
      else owners.set(digest, fate);
    }
    if (owners.size > 0) await this.objects.store(owners);
    if (deleted.length > 0) await this.objects.delete(deleted);
  }
}

function ownerOf(fate: Fate): ObjectOwner | null {
  return fate === 'deleted' ? null : fate;
}

function digestOf(dialect: Dialect, id: string): string {
  return hash('sha256', `${dialect}:${id}`, 'hex');
}
