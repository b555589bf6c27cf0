import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// Where system services live, which is not on everybody's PATH.
const SERVICE_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The file of a program of this machine, or null. */
export function findInstalled(program: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SERVICE_FOLDERS];
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null;
}

export function isInstalled(program: string): boolean {
  return findInstalled(program) !== null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
