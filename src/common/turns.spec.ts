import { setTimeout as sleep } from 'node:timers/promises';
import { Turns } from './turns';

describe(Turns, () => {
  it('runs work of one key in the order of asking, one at a time, whatever fails', async () => {
    const turns = new Turns<string>();
    const done: number[] = [];
    let atOnce = 0;
    const results = await Promise.allSettled(
      [0, 1, 2, 3].map((number) =>
        turns.take('key', async () => {
          expect(++atOnce).toBe(1);
          await sleep(4 - number);
          atOnce--;
          done.push(number);
          if (number === 1) throw new Error('one fails');
        }),
      ),
    );
    expect(done).toEqual([0, 1, 2, 3]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });

  it('does not hold up work of another key', async () => {
    const turns = new Turns<string>();
    let release = (): void => undefined;
    const held = turns.take('held', () => new Promise<void>((resolve) => (release = resolve)));
    await expect(turns.take('free', () => Promise.resolve('done'))).resolves.toBe('done');
    release();
    await held;
  });
});
