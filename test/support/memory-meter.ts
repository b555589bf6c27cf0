import { readFileSync } from 'node:fs';

const SAMPLE_MS = 50;
const KIBIBYTE = 1024;

/** The memory that a process has in RAM, in bytes; 0 on a system that does not tell. */
export function residentBytes(pid: number): number {
  try {
    const [, kibibytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes) * KIBIBYTE;
  } catch {
    return 0;
  }
}

/** The most memory that a process has in RAM while some work goes on, looked at each 50 ms. */
export async function peakDuring(pid: number, work: () => Promise<unknown>): Promise<number> {
  let peakBytes = residentBytes(pid);
  const look = (): void => {
    peakBytes = Math.max(peakBytes, residentBytes(pid));
  };
  const timer = setInterval(look, SAMPLE_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  look();
  return peakBytes;
}
