import { isDeepStrictEqual } from 'node:util';
import { STATUS } from '../../src/channels/status';
import { canChangeAutomatically, type KeyState } from '../../src/keys/key-state';
import { PoolRegistry } from '../../src/selector/pool-registry';
import { MODELS } from './key-state-commands';
import type { StoredKeyRow } from './key-state-facts';
import type { ExpectedEvent } from './key-state-model';
import type { KeyStateScene } from './key-state-scene';
import type { TrackedKey } from './key-state-tracked';

/** All that must be as the model says. */
interface Picture {
  readonly stored: KeyState;
  readonly status: number;
  /** The one model that the stored rest is for. */
  readonly coolsFor: string | null;
  readonly hasEnd: boolean;
  readonly memory: KeyState | null;
  /** Whether the pool knows of the last stored change. */
  readonly isInStep: boolean;
  readonly usableFor: readonly string[];
  /** What was written since the last look. */
  readonly events: readonly ExpectedEvent[];
}

/** A key that is not as its model says. */
export interface Difference {
  readonly key: TrackedKey;
  readonly what: string;
}

/** Compares the keys of one channel, in the database and in the pool, with their models. */
export class KeyStateCheck {
  private lastEventId = 0;

  /** `onEvent` is told of each change that was found in the keys' histories. */
  constructor(
    private readonly scene: KeyStateScene,
    readonly channelId: number,
    private readonly onEvent: (event: ExpectedEvent) => void,
  ) {}

  /** In the order in which the keys came. */
  async readRows(): Promise<StoredKeyRow[]> {
    const rows = await this.scene.query<StoredKeyRow & { id: string; revision: string }>(
      `SELECT id, position, revision, state, status, mask, status_code AS code, status_http AS http, status_model AS model,
              failed_probes, until IS NOT NULL AS has_end
       FROM channel_keys WHERE channel_id = $1 AND deleted_at IS NULL ORDER BY id`,
      [this.channelId],
    );
    return rows.map((row) => ({ ...row, id: Number(row.id), revision: Number(row.revision) }));
  }

  /** Null when all is as it should be. Brings the keys' rows up to date. */
  async firstDifference(keys: readonly TrackedKey[]): Promise<Difference | null> {
    const rows = new Map((await this.readRows()).map((row) => [row.id, row]));
    const events = await this.takeEvents();
    for (const key of keys) {
      key.row = rows.get(key.row.id) ?? key.row;
      const seen = this.seen(key.row, events.get(key.row.id) ?? []);
      const expected = expectedOf(key);
      if (!isDeepStrictEqual(seen, expected))
        return { key, what: `is ${JSON.stringify(seen)} and should be ${JSON.stringify(expected)}` };
    }
    return null;
  }

  private seen(row: StoredKeyRow, events: readonly ExpectedEvent[]): Picture | string {
    const pool = this.scene.get(PoolRegistry).find(this.channelId);
    const { keyId, revision } = pool?.health.seenAt(row.position) ?? {};
    if (!pool || keyId !== row.id) return 'not at its place in the pool';
    return {
      stored: row.state,
      status: row.status,
      coolsFor: row.state === 'cooling' ? row.model : null,
      hasEnd: row.has_end,
      memory: pool.health.stateAt(row.position),
      isInStep: revision === row.revision,
      usableFor: MODELS.filter((model) => pool.ringFor(model).has(row.position)),
      events,
    };
  }

  private async takeEvents(): Promise<ReadonlyMap<number, ExpectedEvent[]>> {
    const rows = await this.scene.query<{ id: string; key_id: string; event: ExpectedEvent }>(
      `SELECT id, key_id, json_build_array(from_state, to_state, actor) AS event
       FROM key_events WHERE channel_id = $1 AND id > $2 ORDER BY id`,
      [this.channelId, this.lastEventId],
    );
    const byKey = new Map<number, ExpectedEvent[]>();
    for (const { id, key_id, event } of rows) {
      const [from, to, actor] = event;
      const isAdmins = actor === 'admin' || actor === 'import';
      if (!isAdmins && !canChangeAutomatically(from, to)) throw new Error(`${actor} moved a key from ${from} to ${to}`);
      this.onEvent(event);
      this.lastEventId = Number(id);
      byKey.set(Number(key_id), [...(byKey.get(Number(key_id)) ?? []), event]);
    }
    return byKey;
  }
}

function expectedOf({ model }: TrackedKey): Picture {
  const { stored, memory } = model;
  const isOff = stored.state === 'dead' || stored.state === 'exhausted';
  return {
    stored: stored.state,
    status: stored.state === 'manual' ? STATUS.disabledByHand : isOff ? STATUS.disabledAutomatically : STATUS.enabled,
    coolsFor: stored.rest?.model ?? null,
    hasEnd: stored.state === 'cooling' || stored.state === 'exhausted',
    memory: memory.state,
    isInStep: stored.version === memory.version,
    usableFor: MODELS.filter((name) => model.isUsableFor(name)),
    events: model.takeEvents(),
  };
}
