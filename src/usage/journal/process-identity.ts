import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process of which machine; fields are null where the system does not tell. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in ticks since the machine did: tells it from a later process of the same number. */
  readonly startTicks: number | null;
  readonly bootId: string | null;
  /** Containers number their processes each for itself. */
  readonly pidNamespace: string | null;
  readonly hostname: string;
}

const FIELDS_AFTER_NAME = /^.*\) (.*)$/s;
const STATE_FIELD = 0;
const START_FIELD = 19;
const ENDED_STATES = ['Z', 'X', 'x'];

export function ownIdentity(): ProcessIdentity {
  const { pid } = process;
  return {
    pid,
    startTicks: processStat(pid)?.startTicks ?? null,
    bootId: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
    hostname: hostname(),
  };
}

/** Whether that process lives; null where this one cannot know. */
export function isAlive(other: ProcessIdentity): boolean | null {
  const own = ownIdentity();
  const isNear =
    own.hostname === other.hostname && own.bootId === other.bootId && own.pidNamespace === other.pidNamespace;
  if (!isNear) return null;
  if (isGone(other.pid)) return false;
  const stat = processStat(other.pid);
  if (stat === null || other.startTicks === null) return null;
  return stat.startTicks === other.startTicks && !stat.hasEnded;
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Null where there is no /proc, or not that process in it. */
function processStat(pid: number): { readonly startTicks: number; readonly hasEnded: boolean } | null {
  const text = orNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name may hold spaces and brackets of its own.
  const fields = FIELDS_AFTER_NAME.exec(text ?? '')?.[1]?.split(' ');
  if (!fields) return null;
  return { startTicks: Number(fields[START_FIELD]), hasEnded: ENDED_STATES.includes(fields[STATE_FIELD] ?? '') };
}

function orNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
