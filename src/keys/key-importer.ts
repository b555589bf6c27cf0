import { Injectable } from '@nestjs/common';
import { ChannelNotMultiKeyError } from '../channels/channels.errors';
import { KeyChangeLock, type LockedChannel } from '../channels/key-change-lock';
import { mapInSlices } from '../common/in-slices';
import { maskSecret } from '../common/mask-secret';
import { unixSeconds } from '../common/unix-seconds';
import type { Transaction } from '../database/transactions';
import { KeyCipher } from './key-cipher';
import { KeyImportRepository, type KnownKey, type NewKey } from './key-import.repository';
import { type KeyProblem, readKeyList } from './key-list';
import { KeyIndicesUsedUpError, NoValidKeysError } from './keys.errors';
import { KeyTransactions } from './key-transactions';

// What the pools in memory hold; deletion does not give indices free, so a busy pool may come to it in years.
const HIGHEST_INDEX = 2 ** 24;

export const IMPORT_MODES = { overwrite: 0, append: 1 } as const;
export type ImportMode = (typeof IMPORT_MODES)[keyof typeof IMPORT_MODES];

/** What an import did. */
export interface ImportReport {
  readonly batch: string;
  /** The different keys of the list, all of which are in the pool now. */
  readonly importedCount: number;
  /** Lines that name a key again and, when appending, keys that the pool had. */
  readonly duplicateCount: number;
  /** Keys that the pool had and an overwrite kept. */
  readonly keptCount: number;
  readonly removedCount: number;
  readonly totalKeys: number;
  readonly problems: readonly KeyProblem[];
}

/** An import list with all that can be prepared before the channel is locked. */
interface PreparedList {
  readonly keys: readonly PreparedKey[];
  readonly duplicateCount: number;
  readonly problems: readonly KeyProblem[];
}

interface PreparedKey {
  readonly secret: string;
  readonly fingerprint: Buffer;
}

type KnownKeys = ReadonlyMap<string, KnownKey>;

interface PlacedKey {
  /** Null: the key has no row yet. */
  readonly id: number | null;
  readonly key: PreparedKey;
  readonly position: number;
}

/** What a list means for a pool: which of its keys are written, and how positions go on. */
interface ImportPlan {
  readonly renewed: readonly PlacedKey[];
  readonly added: readonly PlacedKey[];
  readonly knownCount: number;
  readonly totalKeys: number;
  readonly nextPosition: number;
  readonly generation: number;
}

/** Brings lists of keys into a channel, each list whole or not at all. */
@Injectable()
export class KeyImporter {
  constructor(
    private readonly transactions: KeyTransactions,
    private readonly rows: KeyImportRepository,
    private readonly lock: KeyChangeLock,
    private readonly cipher: KeyCipher,
  ) {}

  async import(channelId: number, lines: readonly string[], mode: ImportMode): Promise<ImportReport> {
    const list = await this.prepare(lines);
    return this.transactions.change(channelId, (transaction, channel) => this.write(transaction, channel, list, mode));
  }

  /** Makes these the channel's keys within a larger transaction, whose owner announces it. */
  async overwriteWithin(transaction: Transaction, channelId: number, lines: readonly string[]): Promise<void> {
    const list = await this.prepare(lines);
    await this.transactions.within(transaction, channelId, (_, channel) =>
      this.write(transaction, channel, list, IMPORT_MODES.overwrite),
    );
  }

  private async prepare(lines: readonly string[]): Promise<PreparedList> {
    const { keys, duplicateCount, problems } = await readKeyList(lines);
    if (keys.length === 0) throw new NoValidKeysError(problems);
    const prepared = await mapInSlices(keys, (secret) => ({ secret, fingerprint: this.cipher.fingerprint(secret) }));
    return { keys: prepared, duplicateCount, problems };
  }

  private async write(
    transaction: Transaction,
    channel: LockedChannel,
    list: PreparedList,
    mode: ImportMode,
  ): Promise<ImportReport> {
    const fingerprints = list.keys.map(({ fingerprint }) => fingerprint);
    const known = await this.rows.findKnown(transaction, channel.id, fingerprints);
    const isOverwrite = mode === IMPORT_MODES.overwrite;
    const plan = isOverwrite
      ? planOverwrite(channel, list, known)
      : planAppend(channel, list, known, await this.rows.countKeys(transaction, channel.id));
    if (plan.nextPosition > HIGHEST_INDEX + 1) throw new KeyIndicesUsedUpError(channel.id, HIGHEST_INDEX);
    if (plan.totalKeys > 1 && !channel.isMultiKey) throw new ChannelNotMultiKeyError(channel.id);
    const removedCount = isOverwrite ? await this.rows.removeOthers(transaction, channel, fingerprints) : 0;
    const batch = await this.carryOut(transaction, channel, plan);
    return {
      batch,
      importedCount: list.keys.length,
      duplicateCount: list.duplicateCount + (isOverwrite ? 0 : plan.knownCount),
      keptCount: isOverwrite ? plan.knownCount : 0,
      removedCount,
      totalKeys: plan.totalKeys,
      problems: list.problems,
    };
  }

  /** Writes the keys; the name of their batch. */
  private async carryOut(transaction: Transaction, channel: LockedChannel, plan: ImportPlan): Promise<string> {
    const batch = await this.rows.nameBatch(transaction, channel.id, unixSeconds(new Date()));
    const { renewed, added } = plan;
    if (renewed.length > 0) {
      const rows = await mapInSlices(renewed, ({ id, ...placed }) => this.seal(id ?? 0, channel.id, placed));
      await this.rows.renew(transaction, channel, rows, batch);
    }
    const ids = await this.rows.takeIds(transaction, added.length);
    const rows = await mapInSlices(added, (placed, i) => this.seal(ids[i] ?? 0, channel.id, placed));
    await this.rows.insert(transaction, channel, rows, batch);
    await this.rows.insertBatch(transaction, channel.id, batch, renewed.length + added.length);
    await this.lock.movePositions(transaction, channel, plan);
    return batch;
  }

  private seal(id: number, channelId: number, { key, position }: Omit<PlacedKey, 'id'>): NewKey {
    return {
      id,
      position,
      ciphertext: this.cipher.seal(key.secret, { keyId: id, channelId }),
      fingerprint: key.fingerprint,
      mask: maskSecret(key.secret),
    };
  }
}

function planOverwrite({ generation }: LockedChannel, { keys }: PreparedList, known: KnownKeys): ImportPlan {
  const placed = keys.map((key, position): PlacedKey => ({ id: knownIdOf(key, known), key, position }));
  return {
    renewed: placed.filter(({ id }) => id !== null),
    added: placed.filter(({ id }) => id === null),
    knownCount: known.size,
    totalKeys: keys.length,
    nextPosition: keys.length,
    generation: generation + 1,
  };
}

/** Keys that the pool has stay as they are; only one that could not be decrypted is taken from the list anew. */
function planAppend(channel: LockedChannel, { keys }: PreparedList, known: KnownKeys, keyCount: number): ImportPlan {
  const renewed = keys.flatMap((key): PlacedKey[] => {
    const row = known.get(key.fingerprint.toString('hex'));
    return row?.isUnreadable ? [{ id: row.id, key, position: row.position }] : [];
  });
  const unknown = keys.filter((key) => knownIdOf(key, known) === null);
  const added = unknown.map((key, i): PlacedKey => ({ id: null, key, position: channel.nextPosition + i }));
  return {
    renewed,
    added,
    knownCount: known.size,
    totalKeys: keyCount + added.length,
    nextPosition: channel.nextPosition + added.length,
    generation: channel.generation,
  };
}

function knownIdOf({ fingerprint }: PreparedKey, known: KnownKeys): number | null {
  return known.get(fingerprint.toString('hex'))?.id ?? null;
}
