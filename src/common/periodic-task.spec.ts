import { setTimeout as sleep } from 'node:timers/promises';
import { PeriodicTask } from './periodic-task';

describe(PeriodicTask, () => {
  it('runs again and again, one run at a time, also after a failure', async () => {
    let runs = 0;
    let atOnce = 0;
    const errors: unknown[] = [];
    const task = new PeriodicTask(
      async () => {
        expect(++atOnce).toBe(1);
        runs++;
        await sleep(5);
        atOnce--;
        if (runs === 1) throw new Error('once');
      },
      1,
      (error) => errors.push(error),
    );
    task.start();
    task.start();
    while (runs < 4) await sleep(1);
    await task.stop();
    const after = runs;
    await sleep(30);
    expect([runs, atOnce, errors.length]).toEqual([after, 0, 1]);
  });
});
