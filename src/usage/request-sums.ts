import type { VerdictKind } from '../channels/verdict-kinds';
import type { AttemptRecord, RequestRecord } from './request-record';
import { storableCount, storableMs, storableText, storableTokens } from './storable';

const HOUR_MS = 3_600_000;
// More kinds than fit in one segment of the journal; about 30 MB.
const MOST_SUMS = 100_000;
// Beside those, half as many for what is of other kinds.
const WITH_OTHERS = 1.5;
const OTHER_MODELS = '(other)';

/** What is counted of each kind of use. */
export const USAGE_COUNTERS = [
  // Counted with the key of the last attempt, as are tokens and duration.
  'requests',
  'attempts',
  // Each attempt is one of these six.
  'ok',
  'rateLimited',
  'exhausted',
  'refused',
  'upstreamErrors',
  'otherErrors',
  'promptTokens',
  'completionTokens',
  'cachedTokens',
  'durationMs',
] as const;

type UsageCounter = (typeof USAGE_COUNTERS)[number];

/** One key for one token and one asked model within one hour (UTC, by the starts of the requests). */
interface UsageKind {
  readonly hourMs: number;
  /** 0 for requests that came to no attempt; so is `keyId`. */
  readonly channelId: number;
  readonly keyId: number;
  readonly tokenId: number;
  readonly model: string;
}

/** What was counted of one kind of use. */
export interface UsageSum extends UsageKind, Readonly<Record<UsageCounter, number>> {
  /** Start of the last attempt; 0 for none. */
  readonly lastUsedMs: number;
}

/** A class, so that all sums are of one shape: a hundred thousand of them take less than 400 bytes each. */
class GrowingSum implements UsageSum {
  readonly hourMs: number;
  readonly channelId: number;
  readonly keyId: number;
  readonly tokenId: number;
  requests = 0;
  attempts = 0;
  ok = 0;
  rateLimited = 0;
  exhausted = 0;
  refused = 0;
  upstreamErrors = 0;
  otherErrors = 0;
  promptTokens = 0;
  completionTokens = 0;
  cachedTokens = 0;
  durationMs = 0;
  lastUsedMs = 0;

  constructor(
    { hourMs, channelId, keyId, tokenId }: UsageKind,
    readonly model: string,
  ) {
    this.hourMs = hourMs;
    this.channelId = channelId;
    this.keyId = keyId;
    this.tokenId = tokenId;
  }

  isOf({ hourMs, channelId, keyId, tokenId, model }: UsageKind): boolean {
    return (
      this.keyId === keyId &&
      this.tokenId === tokenId &&
      this.hourMs === hourMs &&
      this.channelId === channelId &&
      this.model === model
    );
  }
}

/** A model's name, once for all sums of it. */
interface KnownModel {
  readonly name: string;
  readonly number: number;
}

const FAILURES: ReadonlyMap<string, UsageCounter> = new Map<VerdictKind, UsageCounter>([
  ['KEY_RATE', 'rateLimited'],
  ['KEY_EXHAUSTED', 'exhausted'],
  ['KEY_DEAD', 'refused'],
  ['KEY_MODEL', 'refused'],
  ['AMBIGUOUS', 'refused'],
  ['CHANNEL', 'upstreamErrors'],
  ['HOST', 'upstreamErrors'],
]);

/**
 * Adds requests up to the counts that remain of them when their details are gone. Takes at most about 80 MB: beyond `most`
 * sums, what is of a new kind goes to one for its token and hour, and beyond half as many again to one for its hour.
 */
export class RequestSums {
  /** By a hash of their kind; where that place is taken, at the next that is free. */
  private readonly sums = new Map<number, GrowingSum>();
  private readonly models = new Map<string, KnownModel>();

  constructor(private readonly most = MOST_SUMS) {}

  add(record: RequestRecord): void {
    const { attempts, usage, tokenId } = record;
    const startMs = storableMs(record.startedAtMs);
    const hourMs = startMs - (startMs % HOUR_MS);
    const model = storableText(record.modelAsked);
    let last: GrowingSum | null = null;
    for (const attempt of attempts) {
      const { channelId, keyId } = attempt;
      last = this.sumOf({ hourMs, channelId, keyId, tokenId, model });
      addAttempt(last, attempt);
    }
    last ??= this.sumOf({ hourMs, channelId: 0, keyId: 0, tokenId, model });
    last.requests += 1;
    last.promptTokens += storableTokens(usage?.promptTokens ?? 0);
    last.completionTokens += storableTokens(usage?.completionTokens ?? 0);
    last.cachedTokens += storableTokens(usage?.cachedTokens ?? 0);
    last.durationMs += storableCount(record.durationMs);
  }

  /** Adds what was summed up before. */
  addSum(sum: UsageSum): void {
    const into = this.sumOf(sum);
    for (const counter of USAGE_COUNTERS) into[counter] += sum[counter];
    into.lastUsedMs = Math.max(into.lastUsedMs, sum.lastUsedMs);
  }

  /** What was added so far, one sum of a kind, in no particular order. */
  list(): readonly UsageSum[] {
    return [...this.sums.values()];
  }

  private sumOf(kind: UsageKind, most = this.most): GrowingSum {
    const model = this.models.get(kind.model) ?? null;
    let place = hashOf(kind, model?.number ?? this.models.size);
    for (let sum = this.sums.get(place); sum; sum = this.sums.get(++place)) if (sum.isOf(kind)) return sum;
    if (this.sums.size >= most) return this.sumOfOthers(kind, most);
    const sum = new GrowingSum(kind, (model ?? this.learn(kind.model)).name);
    this.sums.set(place, sum);
    return sum;
  }

  /** With the token for as long as there is room, because budgets are counted by it. */
  private sumOfOthers({ hourMs, tokenId }: UsageKind, most: number): GrowingSum {
    const others = { hourMs, channelId: 0, keyId: 0, tokenId, model: OTHER_MODELS };
    return most === this.most
      ? this.sumOf(others, WITH_OTHERS * this.most)
      : this.sumOf({ ...others, tokenId: 0 }, Infinity);
  }

  private learn(name: string): KnownModel {
    // A copy, because a part of a text keeps all of it in memory, and that may be a whole request.
    const model = { name: Buffer.from(name).toString(), number: this.models.size };
    this.models.set(model.name, model);
    return model;
  }
}

function addAttempt(sum: GrowingSum, attempt: AttemptRecord): void {
  sum.attempts += 1;
  sum[outcomeOf(attempt)] += 1;
  sum.lastUsedMs = Math.max(sum.lastUsedMs, storableMs(attempt.startedAtMs));
}

function hashOf({ hourMs, channelId, keyId, tokenId }: UsageKind, model: number): number {
  return mixed(mixed(mixed(mixed(model, hourMs / HOUR_MS), channelId), tokenId), keyId);
}

function mixed(hash: number, part: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ part, 0x9e3779b1);
}

/** Whether an upstream served the request by this attempt, to its end or for as long as somebody listened. */
export function isServed({ status, verdict }: AttemptRecord): boolean {
  return verdict === null && status >= 200 && status < 300;
}

function outcomeOf(attempt: AttemptRecord): UsageCounter {
  if (isServed(attempt)) return 'ok';
  // Without an answer and without blame the client left, or time ran out.
  return FAILURES.get(attempt.verdict ?? '') ?? 'otherErrors';
}
