import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { codeOf } from './embedded-postgres.errors';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Whether this process is the PostgreSQL of this cluster: a pid in a file may by now belong to any program. */
export function servesCluster(pid: number, cluster: string): boolean {
  try {
    const [program, ...args] = commandLine(pid);
    if (program === undefined || basename(program) !== 'postgres') return false;
    return args.includes(cluster) || workingFolder(pid) === cluster;
  } catch {
    return false;
  }
}

// Empty for a zombie, which no longer serves anything.
function commandLine(pid: number): string[] {
  if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  const line = execFileSync('/bin/ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8', env: {} });
  // Paths may hold blanks: cut at the options instead.
  return line.trim().split(/ (?=-[Dc] )| (?<=-D )/);
}

// Follows a data folder that was renamed while the server ran.
function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
