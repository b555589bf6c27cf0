import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { Clock } from '../../src/common/clock';
import { ClockModule } from '../../src/common/clock.module';
import { ConfigModule } from '../../src/config/config.module';
import { loadConfig } from '../../src/config/load-config';
import { DatabaseModule } from '../../src/database/database.module';
import { KeysModule } from '../../src/keys/keys.module';
import { BatchWriter } from '../../src/usage/flush/batch-writer';
import { type FlushableSegment, FlushableSegments } from '../../src/usage/flush/flushable-segments';
import { UsageFlusher } from '../../src/usage/flush/usage-flusher';
import { UsageRepository } from '../../src/usage/flush/usage.repository';
import { TokenSpending } from '../../src/usage/spend/token-spending';
import { CuttableDatabase } from './churn-database';
import { runSql } from './database-rows';
import { eventually } from './eventually';
import { ManualClock } from './manual-clock';
import { SegmentsInMemory } from './segments-in-memory';

type Row = Record<string, unknown>;

/** One process that flushes. */
export interface FlushingInstance {
  readonly segments: SegmentsInMemory;
  readonly spending: TokenSpending;
  /** Puts these on the shelf and waits until nothing is left there. */
  flush(...segments: readonly FlushableSegment[]): Promise<void>;
  stop(): Promise<void>;
}

/** Flushers on a database of their own, behind a line that can be cut, with the keys 1 to 50 of one channel. */
export class FlushScene {
  readonly clock = new ManualClock();
  private readonly running = new Set<TestingModule>();

  private constructor(
    readonly database: CuttableDatabase,
    private readonly dataDir: string,
  ) {}

  static async start(): Promise<FlushScene> {
    const scene = new FlushScene(await CuttableDatabase.start(), await mkdtemp(join(tmpdir(), 'keymux-flush-')));
    await scene.open();
    await scene.query(
      `INSERT INTO channels (id, name, type, base_url, is_multi_key) VALUES (1, 'c', 'openai', 'http://127.0.0.1:9', true)`,
    );
    await scene.query(
      `INSERT INTO channel_keys (id, channel_id, position, secret_ciphertext, fingerprint, mask, revision, import_batch)
       SELECT i, 1, i, 'x', i::text::bytea, 'mask', 1, 'batch' FROM generate_series(1, 50) AS i`,
    );
    return scene;
  }

  /** With the machine's clock it goes on by itself; with the scene's, it waits only as that one says. */
  async open(clock?: Clock): Promise<FlushingInstance> {
    const { config } = loadConfig({
      DATA_DIR: this.dataDir,
      DATABASE_URL: this.database.url,
      DATABASE_POOL_SIZE: '3',
      KEY_USAGE_FLUSH: '20ms',
    });
    const segments = new SegmentsInMemory();
    const builder = Test.createTestingModule({
      imports: [ConfigModule.with(config), ClockModule, DatabaseModule.with({ url: this.database.url }), KeysModule],
      providers: [
        UsageRepository,
        TokenSpending,
        BatchWriter,
        UsageFlusher,
        { provide: FlushableSegments, useValue: segments },
      ],
    });
    if (clock) builder.overrideProvider(Clock).useValue(clock);
    const instance = await builder.compile();
    instance.useLogger(false);
    await instance.init();
    this.running.add(instance);
    const stop = async (): Promise<void> => {
      if (this.running.delete(instance)) await instance.close();
    };
    const flush = async (...added: readonly FlushableSegment[]): Promise<void> => {
      segments.put(...added);
      await eventually(() => {
        expect(segments.size).toBe(0);
      });
    };
    return { segments, spending: instance.get(TokenSpending), flush, stop };
  }

  /** Past the line. */
  async query(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return runSql(this.database.connection, sql, parameters);
  }

  /** What log, hourly counts, counts of tokens and counts of keys each say of how many requests there were. */
  async requestCounts(): Promise<number[]> {
    const [row] = await this.query(
      `SELECT (SELECT count(*) FROM request_logs)::int AS logs,
              (SELECT coalesce(sum(requests), 0) FROM usage_hourly)::int AS hours,
              (SELECT coalesce(sum(requests), 0) FROM token_usage WHERE period = 'total')::int AS tokens,
              (SELECT coalesce(sum(usage), 0) FROM channel_keys)::int AS keys`,
    );
    return Object.values(row ?? {}).map(Number);
  }

  async stop(): Promise<void> {
    for (const instance of this.running) await instance.close();
    await this.database.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
