import type { StatsGroup } from './stats-criteria';

/** How counts are added up for one kind of group, in the words of the statement in stats-query.ts. */
interface Grouping {
  /** What is grouped; `hourly` are the counts of the time in question. */
  readonly source: string;
  /** What makes a group, by the names under which its rows show it. */
  readonly by: Readonly<Record<string, string>>;
  /** What its rows say of the group, and where names are found. Ids become doubles: the driver gives bigints as text. */
  readonly shown: string;
  readonly joined: string;
}

/** One a kind of group. */
export const STATS_GROUPINGS: Readonly<Record<StatsGroup, Grouping>> = {
  channel: {
    source: 'hourly',
    by: { channel_id: 'hourly.channel_id' },
    shown: 'used.channel_id::float8 AS channel_id, channel.name AS channel_name',
    joined: 'LEFT JOIN channels AS channel ON channel.id = used.channel_id',
  },
  key: {
    source: 'hourly',
    by: { channel_id: 'hourly.channel_id', key_id: 'hourly.key_id' },
    shown: `used.channel_id::float8 AS channel_id, used.key_id::float8 AS key_id, key.position AS key_index,
      key.mask AS key, CASE WHEN key.deleted_at IS NULL THEN key.status END AS status,
      key.deleted_at IS NOT NULL AS deleted, key.import_batch AS batch_id`,
    joined: 'LEFT JOIN channel_keys AS key ON key.id = used.key_id',
  },
  token: {
    source: 'hourly',
    by: { token_id: 'hourly.token_id' },
    shown: 'used.token_id::float8 AS token_id, token.name AS token_name',
    joined: 'LEFT JOIN tokens AS token ON token.id = used.token_id',
  },
  model: { source: 'hourly', by: { model: 'hourly.model' }, shown: 'used.model', joined: '' },
  batch: {
    // The keys lead: a batch whose keys serve nobody is a finding, too.
    source: 'channel_keys AS key LEFT JOIN hourly ON hourly.key_id = key.id',
    by: { channel_id: 'key.channel_id', batch_id: 'key.import_batch' },
    shown: `used.channel_id::float8 AS channel_id, used.batch_id, keys, enabled_keys, manually_disabled_keys,
      auto_disabled_keys, deleted_keys, round(enabled_keys::numeric / keys, 4)::float8 AS survival`,
    joined: `JOIN (
      SELECT channel_id, import_batch AS batch_id, count(*)::int AS keys,
        count(*) FILTER (WHERE status = 1 AND deleted_at IS NULL)::int AS enabled_keys,
        count(*) FILTER (WHERE status = 2 AND deleted_at IS NULL)::int AS manually_disabled_keys,
        count(*) FILTER (WHERE status = 3 AND deleted_at IS NULL)::int AS auto_disabled_keys,
        count(deleted_at)::int AS deleted_keys
      FROM channel_keys GROUP BY channel_id, import_batch
    ) AS batch USING (channel_id, batch_id)`,
  },
};
