import { CoalescedRefresh } from './coalesced-refresh';

describe(CoalescedRefresh, () => {
  it('never runs two refreshes at once, and gives each caller a run that began after his call', async () => {
    let version = 0;
    let seen = -1;
    let atOnce = 0;
    const refresh = new CoalescedRefresh(async () => {
      expect(++atOnce).toBe(1);
      const read = version;
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen = read;
      atOnce--;
    });
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        await new Promise((resolve) => setTimeout(resolve, i));
        const mine = ++version;
        await refresh.run();
        expect(seen).toBeGreaterThanOrEqual(mine);
      }),
    );
  });

  it('never runs two at once whenever it is called, also between the end of one run and the start of the next', async () => {
    let atOnce = 0;
    let most = 0;
    const refresh = new CoalescedRefresh(async () => {
      most = Math.max(most, ++atOnce);
      await Promise.resolve();
      atOnce--;
    });
    const caller = async (delay: number): Promise<void> => {
      for (let turn = 0; turn < 20; turn++) {
        for (let step = 0; step < delay; step++) await Promise.resolve();
        await refresh.run();
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, delay) => caller(delay)));
    expect(most).toBe(1);
  });

  it('tells its callers of a failure and works again after it', async () => {
    let fails = true;
    const refresh = new CoalescedRefresh(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve()));
    await expect(refresh.run()).rejects.toThrow('away');
    fails = false;
    await expect(refresh.run()).resolves.toBeUndefined();
  });
});
