import type { Actor, KeyState } from '../../src/keys/key-state';

/** What an attempt may be told about its key; `rate…`: a limit of one model for 5 s or 60 s, `rate-key`: of all for 60 s. */
export const ATTEMPT_ENDS = [
  'success',
  'dead',
  'ambiguous',
  'rate-short',
  'rate-long',
  'rate-key',
  'exhausted',
  'channel',
  'request',
] as const;

export type AttemptEnd = (typeof ATTEMPT_ENDS)[number];

export const PROBE_ENDS = ['alive', 'dead', 'exhausted', 'rate', 'channel'] as const;

export type ProbeEnd = (typeof PROBE_ENDS)[number];

export const SHORT_REST_MS = 5_000;
export const LONG_REST_MS = 60_000;
const SHORTEST_STORED_MS = 10_000;
const REST_MS: Partial<Record<AttemptEnd, number>> = {
  'rate-short': SHORT_REST_MS,
  'rate-long': LONG_REST_MS,
  'rate-key': LONG_REST_MS,
};

interface Rest {
  readonly model: string | null;
  readonly untilMs: number;
}

/** A key at one moment; `version` grows with every stored change. */
interface KeyPicture {
  readonly state: KeyState;
  /** Null unless cooling. */
  readonly rest: Rest | null;
  readonly version: number;
}

/** A key as someone saw it who will speak of it later. */
interface Sight {
  readonly version: number;
  readonly state: KeyState;
}

interface Queued {
  readonly to: KeyState;
  readonly rest: Rest | null;
  readonly version: number;
  readonly actor: Actor;
}

/** What is to be remembered of one change: from which state, to which, by whom. */
export type ExpectedEvent = readonly [from: KeyState, to: KeyState, actor: Actor];

/** What must become of one key, in a few words: who may change it, and from which picture. */
export class KeyModel {
  stored: KeyPicture = { state: 'active', rest: null, version: 1 };
  memory: KeyPicture = this.stored;
  /** Changes when the pool is built anew. */
  pool = 0;
  private queued: Queued | null = null;
  private events: ExpectedEvent[] = [];

  isUsableFor(model: string): boolean {
    const { state, rest } = this.memory;
    return state === 'active' || (state === 'cooling' && rest !== null && rest.model !== null && rest.model !== model);
  }

  /** An attempt with this model ends that saw the key at `version`; whether there is something to take back. */
  attemptEnds({ version, model }: { version: number; model: string }, end: AttemptEnd, nowMs: number): boolean {
    if (version !== this.memory.version) return false;
    const isServing = this.memory.state === 'active' || this.memory.state === 'cooling';
    const ms = REST_MS[end];
    if (end === 'exhausted') this.takeOut('exhausted');
    if (!isServing) return false;
    if (ms !== undefined) this.rests({ model: end === 'rate-key' ? null : model, untilMs: nowMs + ms }, nowMs);
    const isSuspected = end === 'dead' || end === 'ambiguous';
    if (isSuspected) this.takeOut('suspect');
    return isSuspected;
  }

  /** The attempt's request was to blame: only the suspicion is taken back, not what an admin or a probe said since. */
  refunded(pool: number): void {
    if (pool !== this.pool || this.memory.state !== 'suspect') return;
    this.memory = { ...this.memory, state: 'active' };
    this.queued = { to: 'active', rest: null, version: this.memory.version, actor: 'system' };
  }

  /** Also ends what only memory holds against the key, and what attempts from before will say of it. */
  adminEnables(): void {
    if (this.stored.state !== 'active') this.store('active', null, 'admin');
    else this.stored = { ...this.stored, version: this.stored.version + 1 };
  }

  adminDisables(): void {
    if (this.stored.state !== 'manual') this.store('manual', null, 'admin');
  }

  /** An overwrite that keeps the key revives it only if it was disabled automatically. */
  importedAgain(nowMs: number): void {
    const { state } = this.stored;
    if (state === 'exhausted' || state === 'dead') this.store('active', null, 'import');
    else this.stored = { ...this.stored, version: this.stored.version + 1 };
    this.pool++;
    this.follow(nowMs);
  }

  probeEnds(seen: Sight, end: ProbeEnd, nowMs: number): void {
    const to = decided(seen.state, end);
    if (to === null || seen.version !== this.stored.version) return;
    this.store(to, to === 'cooling' ? { model: null, untilMs: nowMs + LONG_REST_MS } : null, 'probe');
  }

  /** What waits is stored if the key is as it was; a rest that is over meanwhile is no news. */
  flushed(nowMs: number): void {
    const { queued } = this;
    this.queued = null;
    if (queued?.version !== this.stored.version || isOver(queued.rest, nowMs)) return;
    if (mayGo(this.stored.state, queued.to)) this.store(queued.to, queued.rest, queued.actor);
  }

  /** The pool reads what changed. */
  synced(nowMs: number): void {
    if (this.stored.version !== this.memory.version) this.follow(nowMs);
  }

  timePassed(nowMs: number): void {
    if (isOver(this.memory.rest, nowMs)) this.memory = { ...this.memory, state: 'active', rest: null };
  }

  takeEvents(): ExpectedEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  private takeOut(to: 'suspect' | 'exhausted'): void {
    this.memory = { ...this.memory, state: to, rest: null };
    this.queued = { to, rest: null, version: this.memory.version, actor: 'traffic' };
  }

  /** A second model makes it a rest for all, and neither ends sooner for the other; long ones are stored. */
  private rests(wanted: Rest, nowMs: number): void {
    const before = this.memory.rest ?? wanted;
    const model = before.model === wanted.model ? wanted.model : null;
    const rest = { model, untilMs: Math.max(before.untilMs, wanted.untilMs) };
    const isNews = rest.model !== before.model || rest.untilMs === wanted.untilMs;
    this.memory = { ...this.memory, state: 'cooling', rest };
    if (isNews && rest.untilMs - nowMs >= SHORTEST_STORED_MS)
      this.queued = { to: 'cooling', rest, version: this.memory.version, actor: 'traffic' };
  }

  private store(to: KeyState, rest: Rest | null, actor: Actor): void {
    this.events.push([this.stored.state, to, actor]);
    this.stored = { state: to, rest, version: this.stored.version + 1 };
  }

  private follow(nowMs: number): void {
    this.memory = isOver(this.stored.rest, nowMs) ? { ...this.stored, state: 'active', rest: null } : this.stored;
  }
}

function isOver(rest: Rest | null, nowMs: number): boolean {
  return rest !== null && rest.untilMs <= nowMs;
}

/** Nobody but an admin moves a key that was switched off, and one that serves cannot be brought back. */
function mayGo(from: KeyState, to: KeyState): boolean {
  if (from === 'manual') return false;
  if (to === 'active') return from !== 'active';
  return to !== 'suspect' || from === 'active' || from === 'cooling' || from === 'suspect';
}

/** What a probe makes of a key that it found in this state; null for nothing. */
function decided(from: KeyState, end: ProbeEnd): KeyState | null {
  const isOut = from === 'suspect' || from === 'exhausted' || from === 'dead';
  const to = {
    alive: isOut ? ('active' as const) : null,
    dead: 'dead' as const,
    exhausted: 'exhausted' as const,
    rate: from === 'cooling' ? null : ('cooling' as const),
    channel: isOut ? from : null,
  }[end];
  return to !== null && mayGo(from, to) ? to : null;
}
