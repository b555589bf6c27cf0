import type { IncomingMessage } from 'node:http';

/** A whole body, or why there is none: it exceeds the limit, or the client has gone. */
export type BodyOutcome = Buffer | 'too-large' | 'gone';

// What a client may still send while it has not read our refusal, and how long it may take.
const MOST_DISCARDED_BYTES = 128 * 1024 * 1024;
const LONGEST_DISCARD_MS = 5_000;

/** Reads a whole body of at most `limitBytes`; `done` is called once. */
export function readBody(request: IncomingMessage, limitBytes: number, done: (outcome: BodyOutcome) => void): void {
  const stated = Number(request.headers['content-length'] ?? 0);
  if (stated > limitBytes) {
    done('too-large');
    return;
  }
  const chunks: Buffer[] = [];
  let whole: Buffer | null = null;
  let length = 0;
  const finish = (outcome: BodyOutcome): void => {
    request.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close');
    done(outcome);
  };
  request.on('data', (chunk: Buffer) => {
    // Bytes that go where they belong at once need not lie in memory twice.
    if (length === 0 && chunk.length < stated) whole = Buffer.allocUnsafe(stated);
    whole?.set(chunk, length);
    length += chunk.length;
    if (length > limitBytes) finish('too-large');
    else if (!whole) chunks.push(chunk);
  });
  request.on('end', () => {
    const [only] = chunks;
    finish(whole ?? (only && chunks.length === 1 ? only : Buffer.concat(chunks, length)));
  });
  request.on('close', () => {
    finish('gone');
  });
  request.on('error', ignore);
}

/** Reads on and forgets, for five seconds and 128 MiB at most, then calls `done`. */
export function discardBody(request: IncomingMessage, done: () => void): void {
  let length = 0;
  const finish = (): void => {
    clearTimeout(timer);
    request.off('data', count).off('end', finish).off('close', finish);
    done();
  };
  const count = (chunk: Buffer): void => {
    length += chunk.length;
    if (length > MOST_DISCARDED_BYTES) finish();
  };
  const timer = setTimeout(finish, LONGEST_DISCARD_MS);
  request.on('data', count).on('end', finish).on('close', finish).on('error', ignore).resume();
}

/** That the client goes within its body shows as `close`. */
function ignore(): void {
  // Node throws an 'error' event that nobody listens to.
}
