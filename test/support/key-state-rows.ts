import type { KeyState } from '../../src/keys/key-state';
import type { KeyTransition } from '../../src/keys/key-transition';
import type { KeyStateScene } from './key-state-scene';

/** A key as it is stored; times are from now on, by the clock of the database. */
export interface KeyRow {
  readonly id: string;
  readonly revision: string;
  readonly state: KeyState;
  readonly status: number;
  readonly code: string | null;
  readonly detail: string | null;
  readonly http: number | null;
  readonly model: string | null;
  readonly failed: number;
  readonly lasts_ms: number | null;
  readonly probe_ms: number | null;
}

export const REASON = { code: 'invalid_api_key', detail: 'Incorrect key', httpStatus: 401, model: 'gpt-4o' };

/** All keys that a channel ever had, in the order in which they came. */
export async function keyRows(scene: KeyStateScene, channelId: number): Promise<KeyRow[]> {
  return scene.query<KeyRow>(
    `SELECT id, revision, state, status, status_code AS code, status_detail AS detail, status_http AS http,
            status_model AS model, failed_probes AS failed,
            extract(epoch FROM until - now())::float8 * 1000 AS lasts_ms,
            extract(epoch FROM next_probe_at - now())::float8 * 1000 AS probe_ms
     FROM channel_keys WHERE channel_id = $1 ORDER BY id`,
    [channelId],
  );
}

/** A transition of a key as this row has it: to suspicion, by traffic, unless told otherwise. */
export function transitionOf(row: KeyRow | undefined, fields: Partial<KeyTransition> = {}): KeyTransition {
  const seen = { keyId: Number(row?.id), revision: Number(row?.revision) };
  const times = { lastsMs: null, probeInMs: null, failedProbes: 0 };
  return { ...REASON, ...seen, ...times, to: 'suspect', actor: 'traffic', ...fields };
}
