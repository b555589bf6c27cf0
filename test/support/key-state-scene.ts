import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ChannelsApiModule } from '../../src/channels/channels-api.module';
import { ChannelsService } from '../../src/channels/channels.service';
import { Clock } from '../../src/common/clock';
import { ClockModule } from '../../src/common/clock.module';
import { ConfigModule } from '../../src/config/config.module';
import { loadConfig } from '../../src/config/load-config';
import { DatabaseModule } from '../../src/database/database.module';
import { HealthModule } from '../../src/health/health.module';
import { Prober } from '../../src/health/probe/prober';
import { TransitionQueue } from '../../src/health/transition-queue';
import { KeyChanges } from '../../src/keys/key-changes';
import { KeysModule } from '../../src/keys/keys.module';
import { PoolRegistry } from '../../src/selector/pool-registry';
import { SelectorModule } from '../../src/selector/selector.module';
import { someKeys } from './keys';
import { ManualClock } from './manual-clock';
import { createTestDatabase, type TestDatabase } from './test-database';

/** Can be kept from hearing of changes, as a process does not hear of those that another one makes. */
@Injectable()
class MutableKeyChanges extends KeyChanges {
  isMuted = false;

  override async announce(channelId: number): Promise<void> {
    if (!this.isMuted) await super.announce(channelId);
  }
}

/** Finds out nothing: what a probe brings back is for the test to say. */
const nothing = (): Promise<null> => Promise.resolve(null);
const SILENT_PROBER: Pick<Prober, 'probe' | 'call' | 'scheduled'> = {
  probe: nothing,
  call: nothing,
  scheduled: nothing,
};

/** Everything that decides about keys, on a database of its own: no HTTP, no upstream, no timers, a clock that stands still. */
export class KeyStateScene {
  readonly clock = new ManualClock();
  private app: TestingModule | null = null;

  private constructor(
    private readonly database: TestDatabase,
    private readonly dataDir: string,
  ) {}

  static async start(): Promise<KeyStateScene> {
    const dataDir = await mkdtemp(join(tmpdir(), 'keymux-states-'));
    const scene = new KeyStateScene(await createTestDatabase(), dataDir);
    await scene.open();
    return scene;
  }

  /** As another process would begin on the same database. */
  async restart(): Promise<void> {
    await this.app?.close();
    await this.open();
  }

  get<T>(type: abstract new (...args: never[]) => T): T {
    if (!this.app) throw new Error('The scene has not been started');
    return this.app.get<T>(type, { strict: false });
  }

  async query<T>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return this.get(DataSource).query<T[]>(sql, [...parameters]);
  }

  /** The id of a new channel with so many keys. */
  async openChannel(keyCount: number): Promise<number> {
    const keys = someKeys(keyCount);
    const base_url = 'http://127.0.0.1:9';
    return this.get(ChannelsService).create({ name: 'states', base_url, keys, is_multi_key: true });
  }

  /** Stores what waits to be stored. */
  async flush(): Promise<void> {
    await this.get(TransitionQueue).beforeApplicationShutdown();
  }

  /** Brings the pool in memory up to the database. */
  async resync(channelId: number): Promise<void> {
    await this.get(KeyChanges).announce(channelId);
  }

  /** What `work` changes is not heard of before the next `resync`, as if another process had done it. */
  async elsewhere(work: () => Promise<void>): Promise<void> {
    const changes = this.get(KeyChanges) as MutableKeyChanges;
    changes.isMuted = true;
    try {
      await work();
    } finally {
      changes.isMuted = false;
    }
  }

  /** Lets time pass, for the database too: what it has stored becomes older. */
  async pass(channelId: number, ms: number): Promise<void> {
    await this.query(
      `UPDATE channel_keys
       SET until = until - $2 * interval '1 millisecond', status_since = status_since - $2 * interval '1 millisecond',
           deadlines_set_at = deadlines_set_at - $2 * interval '1 millisecond',
           next_probe_at = next_probe_at - $2 * interval '1 millisecond'
       WHERE channel_id = $1`,
      [channelId, ms],
    );
    this.clock.advance(ms);
    this.get(PoolRegistry).find(channelId)?.health.endDueRests();
  }

  async stop(): Promise<void> {
    await this.app?.close();
    await this.database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private async open(): Promise<void> {
    const { config } = loadConfig({ DATA_DIR: this.dataDir, UPSTREAM_ALLOW: '127.0.0.1' });
    this.app = await Test.createTestingModule({
      imports: [
        ConfigModule.with(config),
        ClockModule,
        DatabaseModule.with(this.database.connection),
        ChannelsApiModule.with(KeysModule, HealthModule),
        SelectorModule,
      ],
    })
      .overrideProvider(Clock)
      .useValue(this.clock)
      .overrideProvider(KeyChanges)
      .useClass(MutableKeyChanges)
      .overrideProvider(Prober)
      .useValue(SILENT_PROBER)
      .compile();
    this.app.useLogger(['error', 'fatal']);
    await this.app.init();
    // From now on things are stored and read when a test says so.
    await this.get(PoolRegistry).onApplicationShutdown();
    await this.flush();
  }
}
