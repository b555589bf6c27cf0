import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, rm, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ownIdentity } from './process-identity';

/** Says whose a folder is; its time of change is the owner's heartbeat. A folder without it is nobody's any more. */
export const OWNER_FILE = 'owner.json';
const INSTANCE_NAME = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

const SEGMENT_NAME = /^(\d{12})\.seg$/;
const DRAFT_SUFFIX = '.draft';
// Another process may be making a folder just now.
const STALE_DRAFT_MS = 600_000;

/** A segment's file as it is found. */
export interface FoundSegment {
  readonly seq: number;
  readonly path: string;
  readonly size: number;
}

/** The folder that one run of the program writes its segments to, named by a UUID of its own. */
export class InstanceFolder {
  private constructor(
    readonly instance: string,
    readonly path: string,
  ) {}

  /** Makes a folder in `root`, there at once with its owner in it; throws where that cannot be. */
  static create(root: string): InstanceFolder {
    const instance = randomUUID();
    const draft = draftOf(join(root, instance));
    const folder = new InstanceFolder(instance, join(root, instance));
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(join(draft, OWNER_FILE), JSON.stringify(ownIdentity()), { mode: 0o600 });
      renameSync(draft, folder.path);
    } catch (error) {
      // A full disk takes folders long after it takes no files, and each try would leave one.
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
    return folder;
  }

  segmentPath(seq: number): string {
    return join(this.path, `${String(seq).padStart(12, '0')}.seg`);
  }

  /** Tells others that the owner lives; false when the folder is gone, or somebody else's. */
  async beat(): Promise<boolean> {
    const now = new Date();
    return utimes(join(this.path, OWNER_FILE), now, now).then(
      () => true,
      (error: unknown) => !isAbsence(error),
    );
  }

  /** Leaves it to whoever comes next; it goes when nothing is in it. */
  async release(): Promise<void> {
    await removeIfEmpty(this.path);
    await unlink(join(this.path, OWNER_FILE)).catch(() => undefined);
  }
}

/** The segments in a folder, in their order. */
export async function segmentsIn(folder: string): Promise<FoundSegment[]> {
  const names = (await readdir(folder)).filter((name) => SEGMENT_NAME.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { seq: Number.parseInt(name, 10), path, size: (await stat(path)).size };
    }),
  );
}

/** The names of the folders of instances in a folder; none where it is not there. */
export async function instancesIn(folder: string): Promise<string[]> {
  return (await foldersIn(folder)).filter((name) => INSTANCE_NAME.test(name));
}

/** Removes the drafts of folders that processes left 10 minutes ago or earlier, because they died while they made them. */
export async function removeStaleDrafts(root: string, nowMs: number): Promise<void> {
  for (const name of (await foldersIn(root)).filter((one) => one.endsWith(DRAFT_SUFFIX))) {
    const path = join(root, name);
    const madeMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (nowMs - madeMs >= STALE_DRAFT_MS) await rm(path, { recursive: true, force: true });
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsence(error)) return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Removes a folder in which no segment is left, nor a folder. */
export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    const names = await readdir(folder);
    if (names.some((name) => SEGMENT_NAME.test(name) || INSTANCE_NAME.test(name))) return;
    for (const name of names) if (name === OWNER_FILE || name.endsWith(DRAFT_SUFFIX)) await unlink(join(folder, name));
    await rmdir(folder);
  } catch {
    // What stays is tried again by whoever adopts it.
  }
}

/** Whether it says that a file or folder is not there. */
export function isAbsence(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** What is made under this name appears whole under the other, or not at all. */
export function draftOf(path: string): string {
  return `${path}${DRAFT_SUFFIX}`;
}
