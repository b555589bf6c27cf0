import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SUPERUSER } from './cluster-creation';
import type { DataLayout } from './data-layout';
import type { Account } from './unprivileged-user';
import { findOwnName } from './unprivileged-user';

export interface AuthenticationFiles {
  readonly rules: string;
  readonly names: string;
}

/**
 * Writes who may connect: the server's user and root, told apart by the kernel, with no password.
 * The files stay outside the cluster: root must not write into a folder that another user could fill with links.
 */
export async function writeAuthenticationFiles(
  layout: DataLayout,
  account: Account | null,
): Promise<AuthenticationFiles> {
  const ownName = findOwnName();
  const serverName = account === null ? ownName : account.name;
  // A user without a name (a container's arbitrary uid) cannot be looked up by the server, so peer would refuse it;
  // then the private socket folder alone keeps everyone else out.
  const method = ownName === null ? 'trust' : 'peer map=keymux';
  // The list depends on the server's user alone, so two starts can never write different ones.
  const rootName = account === null ? 'root' : (ownName ?? 'root');
  const names = [...new Set([rootName, serverName ?? rootName])];
  const folder = layout.authenticationFolder;
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  await replaceFile(folder, 'pg_hba.conf', `local all ${SUPERUSER} ${method}\n`);
  await replaceFile(folder, 'pg_ident.conf', names.map((name) => `keymux "${name}" ${SUPERUSER}\n`).join(''));
  return { rules: join(folder, 'pg_hba.conf'), names: join(folder, 'pg_ident.conf') };
}

// By rename: a server that another Keymux starts at this moment must never read half a file.
async function replaceFile(folder: string, name: string, content: string): Promise<void> {
  const draft = await mkdtemp(join(folder, '.new-'));
  try {
    const path = join(draft, name);
    await writeFile(path, content);
    await chmod(path, 0o644);
    await rename(path, join(folder, name));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
