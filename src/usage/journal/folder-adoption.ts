import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../common/clock';
import { instancesIn, isAbsence, OWNER_FILE, removeIfEmpty, removeStaleDrafts, segmentsIn } from './instance-folder';
import { isAlive, type ProcessIdentity } from './process-identity';
import type { SegmentSeries } from './segment-series';
import type { SegmentShelf } from './segment-shelf';

const SILENCE_MS = 60_000;

interface Heartbeat {
  readonly beatMs: number;
  /** Of our clock: that of another machine may differ. */
  readonly seenAtMs: number;
}

/**
 * Takes over the folders in a journal whose process is dead for sure. They move into our own folder, so that whoever takes
 * over from us takes over all, and so that each is only ever one process's.
 */
export class FolderAdoption {
  private readonly heartbeats = new Map<string, Heartbeat>();
  private readonly shelved = new Set<string>();

  constructor(
    private readonly root: string,
    private readonly series: SegmentSeries,
    private readonly shelf: SegmentShelf,
    private readonly clock: Clock,
  ) {}

  /** Puts on the shelf what it takes over; rejects when a folder cannot be read, and the next run tries it again. */
  async run(): Promise<void> {
    for (const name of await this.findAbandoned()) {
      await rename(join(this.root, name), join(this.series.ensureFolder().path, name)).catch((error: unknown) => {
        // Another process was faster.
        if (!isAbsence(error)) throw error;
      });
    }
    await this.shelveAdopted();
    await removeStaleDrafts(this.root, this.clock.wallMs());
  }

  /** Leaves our folder to whoever comes next; what is empty goes. */
  async release(): Promise<void> {
    const { folder } = this.series;
    if (!folder) return;
    for (const name of await instancesIn(folder.path)) await removeIfEmpty(join(folder.path, name));
    await folder.release();
  }

  private async shelveAdopted(): Promise<void> {
    const { folder } = this.series;
    if (!folder) return;
    for (const name of await adoptedIn(folder.path)) {
      const path = join(folder.path, name);
      if (!this.shelved.has(name)) {
        for (const segment of await segmentsIn(path)) this.shelf.put({ instance: name, isOwn: false, ...segment });
        this.shelved.add(name);
      }
      await removeIfEmpty(path);
    }
  }

  private async findAbandoned(): Promise<string[]> {
    const own = this.series.folder?.instance;
    const names = (await instancesIn(this.root)).filter((name) => name !== own);
    const isAbandoned = await Promise.all(names.map((name) => this.isAbandoned(name)));
    return names.filter((_, i) => isAbandoned[i]);
  }

  private async isAbandoned(name: string): Promise<boolean> {
    const path = join(this.root, name, OWNER_FILE);
    try {
      const beatMs = (await stat(path)).mtimeMs;
      const isOwnerAlive = aliveness(await readFile(path, 'utf8'));
      return isOwnerAlive === null ? this.isSilent(name, beatMs) : !isOwnerAlive;
    } catch (error) {
      return isAbsence(error);
    }
  }

  /** Whether the heart has not beaten for a minute of ours. */
  private isSilent(name: string, beatMs: number): boolean {
    const nowMs = this.clock.nowMs();
    const known = this.heartbeats.get(name);
    if (known?.beatMs === beatMs) return nowMs - known.seenAtMs >= SILENCE_MS;
    this.heartbeats.set(name, { beatMs, seenAtMs: nowMs });
    return false;
  }
}

/** The adopted folders in a folder, each of them directly in it: paths would grow with each process that dies. */
async function adoptedIn(folder: string): Promise<string[]> {
  const names = await instancesIn(folder);
  for (const name of names) {
    const inner = await instancesIn(join(folder, name));
    for (const one of inner) await rename(join(folder, name, one), join(folder, one));
    names.push(...inner);
  }
  return names;
}

/** Null where nobody can know, also for a file that a power cut has spoilt. */
function aliveness(owner: string): boolean | null {
  try {
    return isAlive(JSON.parse(owner) as ProcessIdentity);
  } catch {
    return null;
  }
}
