import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What processes have used so far, as the kernel counts it. */
export interface ProcessUsage {
  /** User and system time of all their threads, those that ended included; never of their children. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}

const US_PER_SECOND = 1_000_000;
// In /proc/<pid>/stat after the name: 0 is the state.
const [PARENT, USER_TICKS, SYSTEM_TICKS] = [1, 11, 12] as const;

export function isProcessMeterAvailable(): boolean {
  try {
    return statOf(process.pid).length > SYSTEM_TICKS;
  } catch {
    return false;
  }
}

export function readUsage(pids: readonly number[]): ProcessUsage {
  let ticks = 0;
  let rssBytes = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    ticks += Number(stat[USER_TICKS]) + Number(stat[SYSTEM_TICKS]);
    rssBytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  }
  return { cpuUs: (ticks * US_PER_SECOND) / ticksPerSecond(), rssBytes };
}

export function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => {
    try {
      return Number(statOf(pid)[PARENT]) === parent;
    } catch {
      // It ended since the folder was read.
      return false;
    }
  });
}

function statOf(pid: number): string[] {
  // The name is in parentheses and may hold anything.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

let knownTicksPerSecond = 0;

function ticksPerSecond(): number {
  knownTicksPerSecond ||= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return knownTicksPerSecond;
}
