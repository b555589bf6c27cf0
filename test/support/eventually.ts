import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 30_000;
const POLL_MS = 50;

/** Checks again and again until nothing throws, and gives up with the last error after half a minute. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
    }
    await sleep(POLL_MS);
  }
}
