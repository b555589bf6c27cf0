import { StrikeCounts } from './strikes';

describe(StrikeCounts, () => {
  let strikes: StrikeCounts;

  beforeEach(() => {
    strikes = new StrikeCounts();
  });

  it('answers how many refusals came directly before', () => {
    const levels = [0, 10, 20].map((atMs) => strikes.add(4, 'rateLimits', atMs, atMs + 1));
    expect([levels, strikes.count(4, 'rateLimits')]).toEqual([[0, 1, 2], 3]);
  });

  it('counts kinds and keys apart', () => {
    strikes.add(4, 'rateLimits', 0, 1);
    expect(strikes.add(4, 'exhaustions', 2, 3)).toBe(0);
    expect(strikes.add(5, 'rateLimits', 2, 3)).toBe(0);
    expect([strikes.count(4, 'suspicions'), strikes.count(6, 'suspicions')]).toEqual([0, 0]);
  });

  it('counts attempts that were under way together as one refusal', () => {
    expect([100, 101, 199].map((startedAtMs) => strikes.add(4, 'rateLimits', startedAtMs, 200))).toEqual([0, 0, 0]);
    expect(strikes.add(4, 'rateLimits', 200, 300)).toBe(1);
  });

  it('ends the row with a success that began after the last refusal, and only with such a one', () => {
    strikes.add(4, 'rateLimits', 0, 100);
    strikes.succeeded(4, 99);
    expect(strikes.count(4, 'rateLimits')).toBe(1);
    strikes.succeeded(4, 100);
    expect([strikes.count(4, 'rateLimits'), strikes.add(4, 'rateLimits', 200, 201)]).toEqual([0, 0]);
  });

  it('takes one back, never below none', () => {
    strikes.add(4, 'suspicions', 0, 1);
    strikes.add(4, 'suspicions', 2, 3);
    for (const left of [1, 0, 0]) {
      strikes.takeBack(4, 'suspicions');
      expect(strikes.count(4, 'suspicions')).toBe(left);
    }
    strikes.takeBack(5, 'suspicions');
    expect(strikes.count(5, 'suspicions')).toBe(0);
  });
});
