import type { AdminAnswer } from './admin-client';
import type { RelayClient } from './relay-client';
import { RelayScene } from './relay-scene';

export interface Explanation {
  readonly considered: boolean;
  readonly reasons: readonly string[];
  readonly keys: Readonly<Record<string, number>>;
  readonly by_reason: readonly { readonly state: string; readonly code: string | null; readonly count: number }[];
  readonly cursor: number | null;
  readonly next_keys: readonly { readonly index: number; readonly key_id: number }[] | null;
  readonly next_fuller_in_ms: number | null;
  readonly next_fuller_at: number | null;
  readonly breaker: object;
  readonly rivals: readonly object[];
}

/** A relay scene whose channels serve models of their own, so that no channel is another test's rival. */
export class ExplainScene {
  /** Of this test alone. */
  model = '';
  private models = 0;

  private constructor(readonly relayed: RelayScene) {}

  /** Keys that are out stay out unless a channel settles otherwise. */
  static async start(): Promise<ExplainScene> {
    const lasting = { RELAY_RETRY_PERCENT: '0', KEY_AUTO_PROBE: 'false', KEY_BREAKER_OPEN_MS: '30000' };
    return new ExplainScene(await RelayScene.start(lasting));
  }

  reset(): void {
    this.relayed.upstream.reset();
    this.model = `model-${++this.models}`;
  }

  /** About this test's model unless the query says otherwise. */
  ask(channelId: number | undefined, query = `?model=${this.model}`): Promise<AdminAnswer<Explanation>> {
    return this.relayed.app.admin.get<Explanation>(`/api/channel/${channelId}/explain${query}`);
  }

  /** As `ask`; fails the test unless there is an answer and its keys add up. */
  async explain(channelId: number | undefined, query?: string): Promise<Explanation> {
    const { status, data } = await this.ask(channelId, query);
    expect(status).toBe(200);
    const { total, ...parts } = data.keys;
    expect(Object.values(parts).reduce((sum, count) => sum + count)).toBe(total);
    return data;
  }

  async toggle(channelId: number | undefined, index: number, enabled: boolean): Promise<void> {
    const change = { channel_id: channelId, key_index: index, enabled };
    expect((await this.relayed.app.admin.post('/api/channel/keys/toggle', change)).status).toBe(200);
  }

  /** The keys that the upstream sees in this many requests, one after the other. */
  async chat(relay: RelayClient, count: number, model = this.model): Promise<string[]> {
    const before = this.relayed.upstream.ledger.length;
    for (let i = 0; i < count; i++) await relay.chat({ model });
    return this.relayed.upstream.keysUsed().slice(before);
  }
}
