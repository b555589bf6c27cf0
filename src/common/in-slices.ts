import { setImmediate as nextTurn } from 'node:timers/promises';

// About a millisecond of work a slice for what we do with it (an HMAC or a cipher an item), so that requests pass between.
const SLICE_LENGTH = 200;

/** Maps a long list without holding up the event loop. */
export async function mapInSlices<T, R>(items: readonly T[], map: (item: T, index: number) => R): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += SLICE_LENGTH) {
    if (start > 0) await nextTurn();
    const slice = items.slice(start, start + SLICE_LENGTH);
    for (const [offset, item] of slice.entries()) results.push(map(item, start + offset));
  }
  return results;
}
