import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Account } from './unprivileged-user';

const READ = 4;
const EXECUTE = 1;

/** The first path on the way to a folder through which the account may not pass, or null. */
export async function findClosedFolder(account: Account, folder: string): Promise<string | null> {
  for (const step of stepsTo(await realpath(folder))) {
    if (!(await may(account, step, EXECUTE))) return step;
  }
  return null;
}

/** The first path that keeps the account from running a program, or null. */
export async function findClosedProgram(account: Account, program: string): Promise<string | null> {
  const closed = await findClosedFolder(account, dirname(program));
  if (closed !== null) return closed;
  return (await may(account, program, READ | EXECUTE)) ? null : program;
}

function stepsTo(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [...stepsTo(parent), folder];
}

async function may(account: Account, path: string, wanted: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  let granted = mode;
  if (uid === account.uid) granted = mode >> 6;
  else if (gid === account.gid) granted = mode >> 3;
  return (granted & wanted) === wanted;
}
