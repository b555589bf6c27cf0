import { Agent } from 'node:http';
import { AppUnderTest } from './app-under-test';
import { forwardTo } from './forward-to';
import { someKeys } from './keys';
import { Passage, type PassageChannel } from './passage';
import { RecordingServer } from './recording-server';
import { RecordingUpstream } from './recording-upstream';

/** A channel as a conformance test sets it up: of type openai, with three keys, unless it says otherwise. */
interface ConformanceChannel {
  readonly type?: string;
  readonly keys?: readonly string[];
  readonly header_override?: PassageChannel['overrides'];
  readonly [field: string]: unknown;
}

/** The app between two recorders: one in front, which real clients talk to, and an upstream that answers as every API does. */
export class ConformanceScene {
  private constructor(
    readonly app: AppUnderTest,
    private readonly front: RecordingServer,
    readonly upstream: RecordingUpstream,
    private readonly agent: Agent,
  ) {}

  static async start(): Promise<ConformanceScene> {
    const app = await AppUnderTest.start();
    const agent = new Agent({ keepAlive: true });
    const front = await RecordingServer.start(forwardTo(app.baseUrl, agent));
    return new ConformanceScene(app, front, await RecordingUpstream.start(), agent);
  }

  /** A channel, and a token that may use no other. */
  async serve(channel: ConformanceChannel = {}): Promise<Passage> {
    const complete = { type: 'openai', keys: someKeys(3), header_override: {}, ...channel };
    const channelId = await this.app.admin.createChannel({ baseUrl: this.upstream.baseUrl, ...complete });
    const apiKey = await this.app.admin.createToken({ channel_ids: [channelId] });
    const { type, keys, header_override: overrides } = complete;
    return new Passage({ baseUrl: this.front.baseUrl, apiKey }, this.front, this.upstream, { type, keys, overrides });
  }

  async stop(): Promise<void> {
    await this.front.stop();
    this.agent.destroy();
    await this.app.stop();
    await this.upstream.stop();
  }
}
