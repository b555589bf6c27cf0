import { Test, type TestingModule } from '@nestjs/testing';
import { ChannelDirectory } from '../../src/channels/channel-directory';
import type { ChannelRoute } from '../../src/channels/channel-route';
import type { HealthSettings } from '../../src/channels/health-settings';
import { ModelMapping } from '../../src/channels/model-mapping';
import { Clock } from '../../src/common/clock';
import { AppConfig } from '../../src/config/app-config';
import type { AttemptFacts } from '../../src/health/attempt-facts';
import type { ChannelHealth } from '../../src/health/channel-health';
import { HealthPolicies } from '../../src/health/health-policy';
import { HealthRegistry } from '../../src/health/health-registry';
import { KeyHealth } from '../../src/health/key-health';
import { KeyPenalties } from '../../src/health/key-penalties';
import type { PoolHealth } from '../../src/health/pool/pool-health';
import { Prober } from '../../src/health/probe/prober';
import { TransitionQueue } from '../../src/health/transition-queue';
import type { UpstreamAnswer, Verdict } from '../../src/health/verdict/verdict';
import { WaveWatch } from '../../src/health/wave-watch';
import type { KeyTransition } from '../../src/keys/key-transition';
import { KeyTransitions } from '../../src/keys/key-transitions';
import { aSnapshot } from './key-state-pool';
import { ManualClock } from './manual-clock';

const CHANNEL_ID = 1;

/** A verdict of this kind; what is left out is as harmless as can be. */
export function aVerdict(fields: Partial<Verdict>): Verdict {
  return {
    kind: 'KEY_DEAD',
    rule: 'test',
    code: 'invalid_api_key',
    message: '',
    scope: 'key',
    minimumCoolMs: 0,
    fixedCoolMs: null,
    resetsAt: null,
    ...fields,
  };
}

/** An answer that asks to wait so long; null: it does not say. */
export function anAnswer(retryAfterSeconds: number | null = null): UpstreamAnswer {
  const header = (name: string): string =>
    name === 'retry-after' && retryAfterSeconds !== null ? String(retryAfterSeconds) : '';
  return { status: 401, header, body: '' };
}

/** One channel's health in memory, whole and real but for the database, which takes all, and the upstream. */
export class ChannelInMemory {
  readonly clock = new ManualClock();
  /** What was stored. */
  readonly stored: KeyTransition[] = [];
  /** The ids of the keys that were probed. */
  readonly probed: number[] = [];
  /** What a probe of the key with this id says; null: that it works. */
  probe: (keyId: number) => Promise<Verdict | null> = () => Promise.resolve(null);
  private app!: TestingModule;
  private settings: HealthSettings = {};

  static async open(keyCount: number, settings: HealthSettings = {}): Promise<ChannelInMemory> {
    const opened = new ChannelInMemory();
    opened.settings = settings;
    opened.app = await opened.compile();
    opened.fillPool(keyCount, 1);
    return opened;
  }

  get<T>(type: abstract new (...args: never[]) => T): T {
    return this.app.get<T>(type);
  }

  /** Puts another pool in the place of the one there is, as an overwriting import does. */
  fillPool(keyCount: number, revision: number): void {
    const registry = this.get(HealthRegistry);
    const pool = registry.openPool(CHANNEL_ID, { onSwitched: () => undefined, onBenched: () => undefined });
    for (let index = 0; index < keyCount; index++) pool.sync(aSnapshot({ index, revision }));
    registry.adopt(CHANNEL_ID, pool);
  }

  get health(): KeyHealth {
    return this.get(KeyHealth);
  }

  get channel(): ChannelHealth {
    return this.get(HealthRegistry).of(CHANNEL_ID);
  }

  get pool(): PoolHealth {
    const { pool } = this.channel;
    if (!pool) throw new Error('The channel has no pool');
    return pool;
  }

  get states(): (string | null)[] {
    return Array.from({ length: this.pool.size }, (_, slot) => this.pool.stateAt(slot));
  }

  get route(): ChannelRoute {
    return {
      id: CHANNEL_ID,
      type: 'openai',
      settings: this.settings,
      modelMapping: new ModelMapping({}),
    } as Partial<ChannelRoute> as ChannelRoute;
  }

  /** An attempt with this key as it is now, which begins now. */
  attempt(slot: number, model = 'gpt-4o'): AttemptFacts {
    const key = { channelId: CHANNEL_ID, ...this.pool.seenAt(slot), secret: `sk-secret-of-slot-${slot}` };
    return { channel: this.route, key, model, startedAtMs: this.clock.nowMs() };
  }

  async flush(): Promise<void> {
    await this.get(TransitionQueue).beforeApplicationShutdown();
  }

  close(): void {
    this.get(HealthRegistry).onApplicationShutdown();
  }

  private async compile(): Promise<TestingModule> {
    const config: Partial<AppConfig> = {
      keyAutoDisable: true,
      keyAutoProbe: true,
      keyProbeSuspectMs: 5_000,
      keyProbeExhaustedMs: 3_600_000,
      keyProbeDeadMs: 3_600_000,
      keyCoolDefaultMs: 5_000,
      keyBreakerOpenMs: 5_000,
    };
    const prober = {
      probe: async (_channelId: number, keyId: number): Promise<{ verdict: Verdict | null }> => {
        this.probed.push(keyId);
        return { verdict: await this.probe(keyId) };
      },
    };
    const transitions = {
      apply: (_channelId: number, all: readonly KeyTransition[]): Promise<unknown> => {
        this.stored.push(...all);
        return Promise.resolve({ keyIds: new Set(all.map(({ keyId }) => keyId)), revision: 2 });
      },
    };
    const app = await Test.createTestingModule({
      providers: [
        ...[HealthPolicies, HealthRegistry, KeyHealth, KeyPenalties, TransitionQueue, WaveWatch],
        { provide: AppConfig, useValue: config },
        { provide: Clock, useValue: this.clock },
        { provide: ChannelDirectory, useValue: { find: () => this.route } },
        { provide: Prober, useValue: prober },
        { provide: KeyTransitions, useValue: transitions },
      ],
    }).compile();
    app.useLogger(false);
    return app;
  }
}
