import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A secret kept in a file of DATA_DIR, and whether this call made it. */
export interface SecretFile {
  readonly value: string;
  readonly path: string;
  readonly isNew: boolean;
}

/**
 * The secret in `dataDir/name`, made by `generate` and written with mode 0600 when there is none.
 * Once made it is never written again; two processes that start at once end up with the same secret.
 */
export function keepSecretFile(dataDir: string, name: string, generate: () => string): SecretFile {
  const path = join(dataDir, name);
  // Under root the database server is another user, who must be able to pass through to its own folder.
  mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const isNew = !existsSync(path) && createOnce(dataDir, path, generate());
  return { value: readFileSync(path, 'utf8').trim(), path, isNew };
}

function createOnce(dataDir: string, path: string, secret: string): boolean {
  const draft = `${path}.${randomUUID()}.new`;
  try {
    writeFileSync(draft, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true });
    // A link appears whole or not at all, and never replaces what is there.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
    syncFolder(dataDir);
  }
}

/** After a power cut the file must be there if anything encrypted with it is. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
