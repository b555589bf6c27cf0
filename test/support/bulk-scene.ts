import type { AdminAnswer } from './admin-client';
import { AppUnderTest } from './app-under-test';
import { runSql } from './database-rows';
import { someKeys } from './keys';

interface SampledKey {
  readonly index: number;
  readonly key_id: number;
  readonly key: string;
}

interface BulkReport {
  readonly matched: number;
  readonly affected: number;
  readonly unchanged: number;
  readonly sample: readonly SampledKey[];
  readonly operation_id: string;
  readonly undo_until: number;
  readonly job_id: string | null;
}

interface UndoReport {
  readonly operation_id: string;
  readonly restored: number;
  readonly changed_since: number;
}

type Row = Record<string, unknown>;

/** The app with one channel at a time, whose keys are changed in bulk and looked at in the database. */
export class BulkScene {
  channelId = 0;

  private constructor(readonly app: AppUnderTest) {}

  static async start(): Promise<BulkScene> {
    // A probe would change keys at moments of its own.
    return new BulkScene(await AppUnderTest.start({ KEY_AUTO_PROBE: 'false' }));
  }

  async stop(): Promise<void> {
    await this.app.stop();
  }

  /** Goes on with a new channel of six keys. */
  async enterChannel(): Promise<void> {
    const keys = someKeys(6);
    this.channelId = await this.app.admin.createChannel({ baseUrl: 'http://127.0.0.1:9', keys, is_multi_key: true });
  }

  bulk(action: string, filter: unknown, fields: object = {}): Promise<AdminAnswer<BulkReport>> {
    return this.post<BulkReport>('bulk', { action, filter, ...fields });
  }

  /** Carries the action out; the id by which it can be undone. */
  async operate(action: string, filter: object): Promise<string> {
    return (await this.bulk(action, filter)).data.operation_id;
  }

  undo(operationId: string): Promise<AdminAnswer<UndoReport>> {
    return this.app.admin.post<UndoReport>('/api/channel/keys/undo', { operation_id: operationId });
  }

  toggle(index: number, enabled: boolean): Promise<AdminAnswer> {
    return this.post('toggle', { key_index: index, enabled });
  }

  importKeys(keys: readonly string[], mode: 0 | 1): Promise<AdminAnswer<{ batch_id: string }>> {
    return this.post('import', { keys, mode });
  }

  async indices(): Promise<number[]> {
    return (await this.app.admin.listKeys(this.channelId)).map(({ index }) => index);
  }

  /** Runs a statement whose $1 is the channel. */
  sql(statement: string, ...parameters: unknown[]): Promise<Row[]> {
    return runSql(this.app.databaseUrl, statement, [this.channelId, ...parameters]);
  }

  /** Writes columns of the keys at these indices, as the program might have. */
  async set(columns: string, ...indices: number[]): Promise<void> {
    await this.sql(`UPDATE channel_keys SET ${columns} WHERE channel_id = $1 AND position = ANY($2::int[])`, indices);
  }

  /** Brings five of the six keys into different states, with all that can be said of a state. */
  async varyStates(): Promise<void> {
    const reason = `status_code = 'some_code', status_detail = 'some words', status_http = 429, status_model = 'gpt-4o'`;
    const moments = `status_since = now() - interval '2 hours', until = now() + interval '1 hour',
      next_probe_at = now() + interval '61.5 minutes'`;
    await this.set(`state = 'cooling', ${reason}, ${moments}`, 1);
    await this.set(`state = 'exhausted', status = 3, ${reason}, ${moments}, failed_probes = 4`, 2);
    await this.set(
      `state = 'dead', status = 3, ${reason}, ${moments}, usage = 7, last_used = now(), note = 'a note'`,
      3,
    );
    await this.set(`state = 'manual', status = 2, status_since = now() - interval '1 day'`, 4);
    await this.set(`state = 'cooling', ${reason}, until = now() - interval '1 second'`, 5);
  }

  /** The channel's keys with all columns but the revision and the moment of reckoning, deleted ones too. */
  async rows(): Promise<string[]> {
    const found = await this.sql(
      `SELECT (to_jsonb(key) - 'revision' - 'deadlines_set_at')::text AS row FROM channel_keys AS key WHERE channel_id = $1 ORDER BY id`,
    );
    return found.map(({ row }) => String(row));
  }

  /** The states of the keys, in the order of their indices. */
  async states(): Promise<unknown[]> {
    const found = await this.sql(
      'SELECT state FROM channel_keys WHERE channel_id = $1 AND deleted_at IS NULL ORDER BY position',
    );
    return found.map(({ state }) => state);
  }

  private post<T>(action: string, body: object): Promise<AdminAnswer<T>> {
    return this.app.admin.post<T>(`/api/channel/keys/${action}`, { channel_id: this.channelId, ...body });
  }
}
