import type { AppUnderTest } from './app-under-test';
import type { FakeUpstream } from './fake-upstream';
import { ask } from './health-traffic';
import { HealthView } from './health-view';
import { someKeys } from './keys';
import type { RelayClient } from './relay-client';
import { RelayScene } from './relay-scene';

/** A channel of its own for one test: its keys, a caller who can use nothing else, and what is to be seen of it. */
export interface HealthCast {
  readonly keys: readonly string[];
  readonly relay: RelayClient;
  readonly view: HealthView;
}

/** A scene whose every test has one channel with keys that no other channel of the scene has. */
export class HealthScene {
  private keysGiven = 0;

  private constructor(private readonly scene: RelayScene) {}

  static async start(environment: Readonly<Record<string, string>>): Promise<HealthScene> {
    return new HealthScene(await RelayScene.start(environment));
  }

  get app(): AppUnderTest {
    return this.scene.app;
  }

  get upstream(): FakeUpstream {
    return this.scene.upstream;
  }

  async stop(): Promise<void> {
    await this.scene.stop();
  }

  async serve(keyCount: number, fields: object = {}): Promise<HealthCast> {
    const keys = someKeys(keyCount, this.keysGiven);
    this.keysGiven += keyCount;
    const { relay, channelIds } = await this.scene.serve({ keys, ...fields });
    return { keys, relay, view: new HealthView(this.app, channelIds[0] ?? 0) };
  }

  /** Asks so often, which must be served each time, and tells which keys the upstream saw, by index. */
  async indicesOf({ keys, relay }: HealthCast, count: number, fields: object = {}): Promise<number[]> {
    const before = this.upstream.ledger.length;
    for (let i = 0; i < count; i++) {
      const { status, text } = await ask(relay, fields);
      if (status !== 200) throw new Error(`Chat ${i + 1} of ${count} got ${status}: ${text}`);
    }
    return this.upstream.ledger.slice(before).flatMap(({ key }) => {
      const index = keys.indexOf(key ?? '');
      return index === -1 ? [] : [index];
    });
  }

  /** Throws unless two laps of polling use every key in its place. */
  async checkPolling(cast: HealthCast, fields: object = {}): Promise<void> {
    const { length } = cast.keys;
    const indices = await this.indicesOf(cast, 2 * length, fields);
    const [start = 0] = indices;
    expect(indices).toEqual(Array.from({ length: 2 * length }, (_, step) => (start + step) % length));
  }
}
