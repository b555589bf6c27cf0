import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerEntry } from './fake-upstream-exchange';
import type { RelayClient } from './relay-client';

/** What one caller of the relay got, and when by the clock of this process. */
export interface CallerAnswer {
  readonly status: number;
  /** OpenAI's error code; null when the answer is no error. */
  readonly code: string | null;
  /** Null when the answer does not say. */
  readonly retryAfterS: number | null;
  readonly text: string;
  readonly answeredAtMs: number;
}

interface Crowd {
  readonly count: number;
  readonly concurrency: number;
  /** Fields of the body of the request with this number. */
  readonly fields?: (number: number) => object;
}

/** One chat, as its caller sees it. */
export async function ask(relay: RelayClient, fields: object = {}): Promise<CallerAnswer> {
  const { status, headers, text } = await relay.chat(fields);
  const retryAfter = headers.get('retry-after');
  return {
    status,
    code: status < 400 ? null : codeIn(text),
    retryAfterS: retryAfter === null ? null : Number(retryAfter),
    text,
    answeredAtMs: Date.now(),
  };
}

/** Many chats, so many at a time; every third one is streamed unless `fields` says otherwise. */
export async function askAll(relay: RelayClient, { count, concurrency, fields }: Crowd): Promise<CallerAnswer[]> {
  const answers: CallerAnswer[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      const number = next++;
      answers.push(await ask(relay, fields?.(number) ?? { stream: number % 3 === 0 }));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return answers;
}

/** Callers who ask again and again until they are stopped. */
export class SteadyTraffic {
  readonly answers: CallerAnswer[] = [];
  private isStopped = false;
  private readonly callers: Promise<void>;

  constructor(
    private readonly relay: RelayClient,
    private readonly crowd: { readonly callers: number; readonly pauseMs: number },
  ) {
    this.callers = Promise.all(Array.from({ length: crowd.callers }, () => this.call())).then(() => undefined);
  }

  async stop(): Promise<readonly CallerAnswer[]> {
    this.isStopped = true;
    await this.callers;
    return this.answers;
  }

  private async call(): Promise<void> {
    while (!this.isStopped) {
      this.answers.push(await ask(this.relay));
      await sleep(this.crowd.pauseMs);
    }
  }
}

export function unserved(answers: readonly CallerAnswer[]): CallerAnswer[] {
  return answers.filter(({ status }) => status !== 200);
}

/** How often each value occurs. */
export function countBy<T, K>(items: readonly T[], nameOf: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return counts;
}

/** The uses of a key that began when the upstream had answered its first use at least `graceMs` before. */
export function usesAfterFirstAnswer(ledger: readonly LedgerEntry[], key: string, graceMs: number): LedgerEntry[] {
  const uses = ledger.filter((entry) => entry.key === key);
  const firstAnswerAt = Math.min(...uses.map(({ endedAt }) => endedAt ?? Infinity));
  return uses.filter(({ at }) => at > firstAnswerAt + graceMs);
}

function codeIn(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string | null } };
    return error?.code ?? null;
  } catch {
    return null;
  }
}
