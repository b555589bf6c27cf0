import { Injectable } from '@nestjs/common';
import type { KeyBookmark } from './key-bookmark';
import { KeySecrets } from './key-secrets';
import type { KeyState } from './key-state';
import { type KeyChangeRow, KeySnapshotsRepository } from './key-snapshots.repository';

/** A key as a pool in memory holds it. */
export interface KeySnapshot {
  readonly keyId: number;
  readonly index: number;
  /** Grows with every change of the key. */
  readonly revision: number;
  readonly state: KeyState;
  /** Why it is in that state. */
  readonly code: string | null;
  /** The one model that a cooldown is for; null: for all. */
  readonly model: string | null;
  /** How long the state lasted when it was read; null when it has no end of its own. */
  readonly lastsMs: number | null;
  /** How long until the next probe when it was read; null for never. */
  readonly probeInMs: number | null;
  readonly failedProbes: number;
  /** Null once the key is deleted. */
  readonly ciphertext: string | null;
}

/** What changed behind a bookmark. */
export interface KeyChangePage {
  /** The keys' positions were given out anew: this page begins from the first key, and what was read before is void. */
  readonly isAnew: boolean;
  /** Where the channel sends its keys to: the one destination that these were given for. */
  readonly origin: string;
  readonly keys: readonly KeySnapshot[];
  /** Where to go on reading. */
  readonly bookmark: KeyBookmark;
  readonly hasMore: boolean;
}

const ROWS_PER_PAGE = 10_000;

/** Reads what changed among a channel's keys, for those who keep a picture of them in memory. */
@Injectable()
export class KeySnapshots {
  constructor(
    private readonly repository: KeySnapshotsRepository,
    private readonly secrets: KeySecrets,
  ) {}

  /** Null when there is no such channel. */
  async readChanges(channelId: number, from: KeyBookmark): Promise<KeyChangePage | null> {
    const rows = await this.repository.listChanges(channelId, from, ROWS_PER_PAGE);
    const [first] = rows;
    if (!first) return null;
    const found = rows.filter((row) => row.id !== null);
    // Nobody asks for a deleted key again.
    for (const row of found) if (row.is_deleted) this.secrets.forget(Number(row.id));
    const hasMore = found.length === ROWS_PER_PAGE;
    return {
      isAnew: first.generation !== from.generation,
      origin: new URL(first.base_url).origin,
      keys: found.map(toSnapshot),
      bookmark: { generation: first.generation, ...(hasMore ? placeOf(found.at(-1)) : endOf(first)) },
      hasMore,
    };
  }
}

function placeOf(row: KeyChangeRow | undefined): Pick<KeyBookmark, 'revision' | 'keyId'> {
  return { revision: Number(row?.revision ?? 0), keyId: Number(row?.id ?? 0) };
}

/** Behind everything that is there: some changes leave no key changed, and must not be looked for again. */
function endOf({ channel_revision }: KeyChangeRow): Pick<KeyBookmark, 'revision' | 'keyId'> {
  return { revision: Number(channel_revision), keyId: Number.MAX_SAFE_INTEGER };
}

function toSnapshot(row: KeyChangeRow): KeySnapshot {
  return {
    keyId: Number(row.id),
    index: row.position,
    revision: Number(row.revision),
    state: row.state,
    code: row.code,
    model: row.model,
    lastsMs: row.lasts_ms,
    probeInMs: row.probe_in_ms,
    failedProbes: row.failed_probes,
    ciphertext: row.is_deleted ? null : row.secret_ciphertext,
  };
}
