import { AppUnderTest } from './app-under-test';
import { FakeUpstream } from './fake-upstream';
import { RelayClient } from './relay-client';

/** A channel as a scene sets it up; the scene's own upstream unless another one is named. */
export interface SceneChannel {
  readonly keys?: readonly string[];
  readonly baseUrl?: string;
  readonly [field: string]: unknown;
}

/** A client and the only channels it may use. */
interface SceneCast {
  readonly relay: RelayClient;
  readonly channelIds: readonly number[];
}

/** The app and an upstream for one spec; every test has channels of its own, which no other test's token can reach. */
export class RelayScene {
  private constructor(
    readonly app: AppUnderTest,
    readonly upstream: FakeUpstream,
  ) {}

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<RelayScene> {
    return new RelayScene(await AppUnderTest.start(environment), await FakeUpstream.start());
  }

  async serve(...channels: readonly SceneChannel[]): Promise<SceneCast> {
    const channelIds: number[] = [];
    for (const channel of channels) {
      channelIds.push(await this.app.admin.createChannel({ baseUrl: this.upstream.baseUrl, ...channel }));
    }
    const token = await this.app.admin.createToken({ channel_ids: channelIds });
    return { relay: new RelayClient(this.app.baseUrl, token), channelIds };
  }

  async stop(): Promise<void> {
    await this.app.stop();
    await this.upstream.stop();
  }
}

/** The address of an upstream that is not there. */
export async function closedAddress(): Promise<string> {
  const upstream = await FakeUpstream.start();
  await upstream.stop();
  return upstream.baseUrl;
}

/** How often each of these keys occurs in a list. */
export function tally(keys: readonly string[], used: readonly string[]): number[] {
  return keys.map((key) => used.filter((one) => one === key).length);
}
