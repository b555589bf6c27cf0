import { KeyPool } from './key-pool';

const aKey = { index: 4, keyId: 9, isUsable: true, ciphertext: 'c' };

describe(KeyPool, () => {
  it('offers a usable key and holds back one that is switched off', () => {
    const pool = new KeyPool();
    pool.apply(aKey);
    expect([pool.ring.has(4), pool.keyIdAt(4), pool.ciphertextAt(4)]).toEqual([true, 9, 'c']);
    pool.apply({ ...aKey, isUsable: false });
    expect(pool.ring.has(4)).toBe(false);
  });

  it('forgets a deleted key, but not the one that took its place', () => {
    const pool = new KeyPool();
    pool.apply(aKey);
    pool.apply({ ...aKey, isUsable: false, ciphertext: null });
    expect([pool.ring.size, pool.ciphertextAt(4)]).toEqual([0, '']);
    pool.apply({ ...aKey, keyId: 10 });
    pool.apply({ ...aKey, isUsable: false, ciphertext: null });
    expect([pool.ring.has(4), pool.keyIdAt(4)]).toEqual([true, 10]);
  });
});
