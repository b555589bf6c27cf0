import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isInstalled } from './installed';

/** Keeps the gateway on one core and everything that feeds it on another; does nothing where that cannot be. */
export class Cores {
  private constructor(
    private readonly gateway: number,
    private readonly rest: number,
  ) {}

  static choose(): Cores | null {
    const [gateway, rest] = allowedCores();
    return gateway === undefined || rest === undefined || !isInstalled('taskset') ? null : new Cores(gateway, rest);
  }

  /** With all threads they have; children that they have already stay where they are. */
  pinGateway(pids: readonly number[]): void {
    this.pin(pids, this.gateway);
  }

  pinRest(pids: readonly number[]): void {
    this.pin(pids, this.rest);
  }

  private pin(pids: readonly number[], core: number): void {
    for (const pid of pids) execFileSync('taskset', ['-a', '-cp', String(core), String(pid)], { stdio: 'ignore' });
  }
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
