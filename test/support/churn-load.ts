import type { LedgerEntry } from './fake-upstream-exchange';
import { type Answer, replies } from './fake-upstream-replies';
import type { RelayClient } from './relay-client';

const CALLER_HEADER = 'x-caller';

/** One request of a caller, as he saw it. */
export interface CallerOutcome {
  readonly caller: string;
  readonly status: number;
}

/** Callers of one channel, each known to the upstream by a header, so that its ledger tells whose attempts it saw. */
export class ChurnLoad {
  readonly outcomes: CallerOutcome[] = [];
  private callers = 0;

  constructor(private readonly relay: RelayClient) {}

  /** Sends so many requests, `concurrency` at a time, and answers what became of them. */
  async run(requests: number, concurrency: number): Promise<readonly CallerOutcome[]> {
    const before = this.outcomes.length;
    let left = requests;
    await this.callWhile(() => left-- > 0, concurrency);
    return this.outcomes.slice(before);
  }

  /** Sends requests, `concurrency` at a time, until `isOver` says so, which is asked again and again. */
  async runUntil(isOver: () => Promise<boolean>, concurrency: number): Promise<void> {
    let isRunning = true;
    const calls = this.callWhile(() => isRunning, concurrency);
    try {
      while (!(await isOver()));
    } finally {
      isRunning = false;
      await calls;
    }
  }

  private async callWhile(mayCall: () => boolean, concurrency: number): Promise<void> {
    const callOneByOne = async (): Promise<void> => {
      while (mayCall()) await this.call();
    };
    await Promise.all(Array.from({ length: concurrency }, callOneByOne));
  }

  private async call(): Promise<void> {
    const caller = String(this.callers++);
    const { status } = await this.relay.chat({}, { [CALLER_HEADER]: caller });
    this.outcomes.push({ caller, status });
  }
}

/** An answer that takes its time, as an upstream's does: then requests are in flight together, and not in step. */
export function inItsTime(answer: Answer): Answer {
  return (exchange) => replies.after(30 + 60 * Math.random(), answer)(exchange);
}

/** One of two answers, by chance. */
export function either(share: number, one: Answer, other: Answer): Answer {
  return (exchange) => (Math.random() < share ? one : other)(exchange);
}

/** The share of these requests that were served. */
export function successShare(outcomes: readonly CallerOutcome[]): number {
  return outcomes.filter(({ status }) => status === 200).length / outcomes.length;
}

/** The keys that each caller's request was tried with. */
export function keysByCaller(ledger: readonly LedgerEntry[]): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const { headers, key } of ledger) {
    const caller = String(headers[CALLER_HEADER]);
    const known = keys.get(caller);
    if (known) known.push(key ?? '');
    else keys.set(caller, [key ?? '']);
  }
  return keys;
}

/** Those that were not served: what their callers got, and which answers the upstream gave when. */
export function lostRequests(outcomes: readonly CallerOutcome[], ledger: readonly LedgerEntry[]): readonly object[] {
  return outcomes
    .filter(({ status }) => status !== 200)
    .map(({ caller, status }) => {
      const attempts = ledger.filter(({ headers }) => headers[CALLER_HEADER] === caller);
      return {
        caller,
        got: status,
        attempts: attempts.map((one) => `${one.key ?? ''} ${one.status ?? '-'} ${one.at}`),
      };
    });
}

/** How often the upstream was asked for one of these requests, on average. */
export function attemptsPerRequest(outcomes: readonly CallerOutcome[], ledger: readonly LedgerEntry[]): number {
  const keys = keysByCaller(ledger);
  const attempts = outcomes.reduce((sum, { caller }) => sum + (keys.get(caller)?.length ?? 0), 0);
  return attempts / outcomes.length;
}
