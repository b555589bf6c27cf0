import type { ListedKey } from './admin-client';
import type { AppUnderTest } from './app-under-test';
import { runSql } from './database-rows';

export interface KeyDetails extends ListedKey {
  readonly cooling_until: number | null;
  readonly disabled_reason: string | null;
  readonly disabled_code: string | null;
  readonly disabled_at: number | null;
  readonly http_status: number | null;
  readonly next_probe_at: number | null;
}

export interface ListedEvent {
  readonly from: string;
  readonly to: string;
  readonly actor: string;
  readonly code: string | null;
  readonly http_status: number | null;
}

export interface ChannelView {
  readonly status: number;
  readonly breaker: {
    readonly state: string;
    readonly reason: string | null;
    readonly code: string | null;
  };
}

/** What the admin API and the database show of the health of one channel's keys. */
export class HealthView {
  constructor(
    private readonly app: AppUnderTest,
    readonly channelId: number,
  ) {}

  async keys(): Promise<readonly KeyDetails[]> {
    return (await this.app.admin.listKeys(this.channelId)) as KeyDetails[];
  }

  async key(index: number): Promise<KeyDetails> {
    const key = (await this.keys())[index];
    if (!key) throw new Error(`Channel ${this.channelId} has no key ${index}`);
    return key;
  }

  async channel(): Promise<ChannelView> {
    return (await this.app.admin.get<ChannelView>(`/api/channel/${this.channelId}`)).data;
  }

  async coolingKeys(): Promise<number> {
    const path = `/api/channel/${this.channelId}/keys/stats`;
    return (await this.app.admin.get<{ cooling_keys: number }>(path)).data.cooling_keys;
  }

  /** The history of a key, the oldest first. */
  async events(index: number): Promise<readonly ListedEvent[]> {
    const path = `/api/channel/${this.channelId}/keys/${index}/events?limit=200`;
    return (await this.app.admin.get<{ items: ListedEvent[] }>(path)).data.items.reverse();
  }

  /** Which states keys of this channel have ever gone to, as their history tells. */
  async statesEntered(): Promise<ReadonlySet<unknown>> {
    const rows = await runSql(this.app.databaseUrl, 'SELECT DISTINCT to_state FROM key_events WHERE channel_id = $1', [
      this.channelId,
    ]);
    return new Set(rows.map(({ to_state }) => to_state));
  }

  /** All that is stored of the keys but their use, with the channel's own state and revision. */
  async stored(): Promise<readonly object[]> {
    return runSql(
      this.app.databaseUrl,
      `SELECT to_jsonb(key) - '{usage,tokens,last_used}'::text[] AS key, channel.status, channel.key_revision
       FROM channel_keys AS key JOIN channels AS channel ON channel.id = key.channel_id
       WHERE channel.id = $1 ORDER BY key.id`,
      [this.channelId],
    );
  }
}
