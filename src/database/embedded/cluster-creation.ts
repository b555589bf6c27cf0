import { once } from 'node:events';
import { chown, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ChildLauncher } from './child-launcher';
import type { DataLayout } from './data-layout';
import { codeOf, EmbeddedPostgresError, messageOf } from './embedded-postgres.errors';

const UNFINISHED = 'postgres.new-';
export const SUPERUSER = 'keymux';

/** Makes the cluster unless it exists; of several that try at once, one wins and the others use its cluster. */
export async function ensureCluster(layout: DataLayout, launcher: ChildLauncher, initdb: string): Promise<void> {
  if (await hasCluster(layout)) return;
  // A cluster appears whole or not at all: a killed initdb leaves only a folder nobody will use.
  const folder = await mkdtemp(join(layout.dataDir, UNFINISHED));
  try {
    if (launcher.account !== null) await chown(folder, launcher.account.uid, launcher.account.gid);
    await runInitdb(launcher, initdb, folder);
    await rename(folder, layout.cluster);
    await syncFolder(layout.dataDir);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    // The winner of a race may also have removed our folder under initdb's feet.
    if (await hasCluster(layout)) return;
    throw asCreationError(layout, error);
  }
}

/** Removes what killed first starts left; only for the one that holds the data folder. */
export async function removeUnfinishedClusters(layout: DataLayout): Promise<void> {
  const names = await readdir(layout.dataDir);
  const unfinished = names.filter((name) => name.startsWith(UNFINISHED));
  for (const name of unfinished) {
    // A rival's initdb may still be writing there; what survives goes at the next start.
    await rm(join(layout.dataDir, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function hasCluster(layout: DataLayout): Promise<boolean> {
  try {
    await stat(join(layout.cluster, 'PG_VERSION'));
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw new EmbeddedPostgresError(`cannot read ${layout.cluster}: ${messageOf(error)}`);
  }
}

async function runInitdb(launcher: ChildLauncher, initdb: string, folder: string): Promise<void> {
  const args = [
    `--pgdata=${folder}`,
    `--username=${SUPERUSER}`,
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    '--auth=reject',
    '--no-instructions',
  ];
  const child = launcher.launch(initdb, args, ['ignore', 'ignore', 'pipe'], false);
  const complaints = child.stderr === null ? Promise.resolve('') : text(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  throw new EmbeddedPostgresError((await complaints).trim().split('\n').slice(-5).join('\n'));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function asCreationError(layout: DataLayout, error: unknown): EmbeddedPostgresError {
  if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error))) {
    return new EmbeddedPostgresError(`${layout.cluster} exists but holds no PostgreSQL data; move it away`);
  }
  return new EmbeddedPostgresError(
    `cannot make a PostgreSQL cluster in ${layout.dataDir}: ${messageOf(error)} ` +
      '(if this machine cannot run it, set DATABASE_URL)',
  );
}
