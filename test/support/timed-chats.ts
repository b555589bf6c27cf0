import type { RelayClient } from './relay-client';

const AT_ONCE = 4;

interface TimedChats {
  readonly succeeded: number;
  readonly p99Ms: number;
}

/** Makes so many chat completions, a few at a time. */
export async function timeChats(relay: RelayClient, count: number): Promise<TimedChats> {
  const durationsMs: number[] = [];
  let succeeded = 0;
  let left = count;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const startedAtMs = performance.now();
      const { status } = await relay.chat();
      durationsMs.push(performance.now() - startedAtMs);
      if (status === 200) succeeded += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  durationsMs.sort((one, other) => one - other);
  return { succeeded, p99Ms: durationsMs[Math.floor(count * 0.99)] ?? Infinity };
}
