import { Injectable } from '@nestjs/common';
import type { LockedChannel } from '../channels/key-change-lock';
import type { Transaction } from '../database/transactions';
import { type Actor, AUTOMATIC_SOURCES, type KeyState, STATUS_OF_STATE } from './key-state';
import type { KeyTransition } from './key-transition';

/** A change of many keys to one state. */
interface StateChange {
  readonly to: KeyState;
  readonly actor: Actor;
  /**
   * A SELECT of the keys to change, from parameter $5 on: `id`, `from_state` and the new `code`, `detail`, `http`, `model`,
   * `until`, `next_probe_at` and `failed_probes`.
   */
  readonly wanted: string;
  readonly parameters: readonly unknown[];
}

const NO_REASON =
  'NULL::text AS code, NULL::text AS detail, NULL::int AS http, NULL::text AS model, NULL::timestamptz AS until, ' +
  'NULL::timestamptz AS next_probe_at, 0 AS failed_probes';

/** The keys of $5 as they are, without a reason. */
const NAMED_KEYS = `SELECT id, state AS from_state, ${NO_REASON} FROM channel_keys
  WHERE id = ANY($5::bigint[]) AND deleted_at IS NULL`;

/** Brings keys of a locked channel to another state, each change with its event in the key's history. */
@Injectable()
export class KeyStateRepository {
  /** Enabling clears reason, cooldown and probe; an enabled key that rests counts as changed too. How many changed. */
  async enable(
    transaction: Transaction,
    channel: LockedChannel,
    ids: readonly number[],
    actor: Actor,
  ): Promise<number> {
    const wanted = `${NAMED_KEYS} AND state <> 'active'`;
    const changed = await this.change(transaction, channel, { to: 'active', actor, wanted, parameters: [ids] });
    // What only memory holds against the others ends with their revision, as does what is said of them from before.
    await transaction.query('UPDATE channel_keys SET revision = $1 WHERE id = ANY($2::bigint[]) AND revision <> $1', [
      channel.revision,
      ids,
    ]);
    return changed.length;
  }

  /** How many changed. */
  async disable(transaction: Transaction, channel: LockedChannel, ids: readonly number[]): Promise<number> {
    const wanted = `${NAMED_KEYS} AND state <> 'manual'`;
    return (await this.change(transaction, channel, { to: 'manual', actor: 'admin', wanted, parameters: [ids] }))
      .length;
  }

  /** Enables those of these keys that were disabled automatically. */
  async revive(transaction: Transaction, channel: LockedChannel, ids: readonly number[]): Promise<void> {
    const wanted = `${NAMED_KEYS} AND status = 3`;
    await this.change(transaction, channel, { to: 'active', actor: 'import', wanted, parameters: [ids] });
  }

  /** Takes a key out that cannot be decrypted; one that was switched off or sealed anew meanwhile is another matter. */
  async markUnreadable(
    transaction: Transaction,
    channel: LockedChannel,
    key: { keyId: number; ciphertext: string },
  ): Promise<void> {
    const wanted = `SELECT id, state AS from_state, 'unreadable' AS code,
        'The stored key cannot be decrypted; import it again' AS detail, NULL::int AS http, NULL::text AS model,
        NULL::timestamptz AS until, NULL::timestamptz AS next_probe_at, 0 AS failed_probes
      FROM channel_keys WHERE id = $5 AND state = ANY($7::text[]) AND secret_ciphertext = $6`;
    const parameters = [key.keyId, key.ciphertext, AUTOMATIC_SOURCES.unreadable];
    await this.change(transaction, channel, { to: 'unreadable', actor: 'system', wanted, parameters });
  }

  /** Carries out those transitions whose keys are as they were seen; the ids of these. All have one target and actor. */
  async apply(
    transaction: Transaction,
    channel: LockedChannel,
    transitions: readonly KeyTransition[],
  ): Promise<number[]> {
    const [first] = transitions;
    if (!first) return [];
    const { to, actor } = first;
    const wanted = `SELECT key.id, key.state AS from_state, seen.code, seen.detail, seen.http, seen.model,
        now() + seen.lasts_ms * interval '1 millisecond' AS until,
        now() + seen.probe_ms * interval '1 millisecond' AS next_probe_at, seen.failed_probes
      FROM unnest($5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::int[], $10::text[], $11::float8[], $12::float8[],
                  $13::int[])
        AS seen (id, revision, code, detail, http, model, lasts_ms, probe_ms, failed_probes)
      JOIN channel_keys AS key USING (id)
      WHERE key.revision = seen.revision AND key.channel_id = $14 AND key.deleted_at IS NULL
        AND key.state = ANY($15::text[])`;
    const column = <K extends keyof KeyTransition>(name: K): KeyTransition[K][] => transitions.map((one) => one[name]);
    const parameters = [
      column('keyId'),
      column('revision'),
      column('code'),
      column('detail'),
      column('httpStatus'),
      column('model'),
      column('lastsMs'),
      column('probeInMs'),
      column('failedProbes'),
      channel.id,
      AUTOMATIC_SOURCES[to],
    ];
    return this.change(transaction, channel, { to, actor, wanted, parameters });
  }

  private async change(
    transaction: Transaction,
    channel: LockedChannel,
    { to, actor, wanted, parameters }: StateChange,
  ): Promise<number[]> {
    const rows = await transaction.query<{ key_id: string }[]>(
      `WITH wanted AS (${wanted}),
       changed AS (
         UPDATE channel_keys AS key
         SET revision = $1, state = $2::varchar, status = $3, deadlines_set_at = now(),
             status_since = CASE WHEN key.state = $2::varchar THEN key.status_since ELSE now() END, status_code = wanted.code,
             status_detail = wanted.detail, status_http = wanted.http, status_model = wanted.model,
             until = wanted.until, next_probe_at = wanted.next_probe_at, failed_probes = wanted.failed_probes
         FROM wanted WHERE key.id = wanted.id
         RETURNING key.id, wanted.from_state
       )
       INSERT INTO key_events (channel_id, key_id, from_state, to_state, code, detail, http_status, model, actor, until)
       SELECT ${channel.id}, id, wanted.from_state, $2::varchar, code, detail, http, model, $4, until
       FROM changed JOIN wanted USING (id)
       RETURNING key_id`,
      [channel.revision, to, STATUS_OF_STATE[to], actor, ...parameters],
    );
    return rows.map(({ key_id }) => Number(key_id));
  }
}
