import { aSnapshot, WatchedPool } from '../../../test/support/key-state-pool';
import { sampleKeys } from './sample-keys';

describe(sampleKeys, () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('gives as many different keys that fit as are wanted', () => {
    const { health } = new WatchedPool(50);
    const slots = sampleKeys(health, 3, (slot) => slot % 2 === 0);
    expect([slots.length, new Set(slots).size, slots.every((slot) => slot % 2 === 0)]).toEqual([3, 3, true]);
  });

  it('gives all that fit when they are fewer, and none of an empty pool', () => {
    const { health } = new WatchedPool(5);
    expect(sampleKeys(health, 3, (slot) => slot === 4)).toEqual([4]);
    expect(sampleKeys(new WatchedPool().health, 3, () => true)).toEqual([]);
  });

  it('goes round the end of the pool and leaves out places without a key', () => {
    const { health } = new WatchedPool(16);
    health.sync(aSnapshot({ index: 15, ciphertext: null, revision: 2 }));
    jest.spyOn(Math, 'random').mockReturnValue(14 / 16);
    expect(sampleKeys(health, 3, () => true)).toEqual([14, 0, 1]);
  });

  it('begins anywhere', () => {
    const { health } = new WatchedPool(16);
    const firsts = new Set(Array.from({ length: 500 }, () => sampleKeys(health, 1, () => true)[0]));
    expect(firsts.size).toBeGreaterThan(8);
  });

  it('looks at a bounded part of a large pool', () => {
    const { health } = new WatchedPool(20_000);
    const fits = jest.fn(() => false);
    expect([sampleKeys(health, 3, fits), fits.mock.calls.length]).toEqual([[], 2_000]);
  });
});
