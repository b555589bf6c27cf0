import { ManualClock } from '../../../test/support/manual-clock';
import { SessionAffinity } from './session-affinity';

const HOUR_MS = 3_600_000;
const MOST_SESSIONS = 100_000;

describe(SessionAffinity, () => {
  let clock: ManualClock;
  let affinity: SessionAffinity;

  beforeEach(() => {
    clock = new ManualClock();
    affinity = new SessionAffinity(clock);
  });

  it('prefers the key that served the session last', () => {
    expect(affinity.preferred(1, 2, 'a')).toBeNull();
    affinity.served(1, 2, 'a', 7);
    expect(affinity.preferred(1, 2, 'a')).toBe(7);
    affinity.served(1, 2, 'a', 8);
    expect(affinity.preferred(1, 2, 'a')).toBe(8);
  });

  it('keeps channels, tokens and sessions apart', () => {
    affinity.served(1, 2, 'a', 7);
    const others: [number, number, string][] = [
      [2, 2, 'a'],
      [1, 3, 'a'],
      [1, 2, 'b'],
      [12, 2, ''],
      [1, 2, '2:a'],
    ];
    expect(others.map((other) => affinity.preferred(...other))).toEqual(others.map(() => null));
  });

  it('forgets a session an hour after it was served last, however often it was asked for', () => {
    affinity.served(1, 2, 'a', 7);
    clock.advance(HOUR_MS - 1);
    affinity.served(1, 2, 'a', 7);
    clock.advance(HOUR_MS - 1);
    expect(affinity.preferred(1, 2, 'a')).toBe(7);
    clock.advance(2);
    expect(affinity.preferred(1, 2, 'a')).toBeNull();
  });

  it('drops the session that was used longest ago when there are too many', () => {
    for (let session = 0; session < MOST_SESSIONS; session++) affinity.served(1, 2, String(session), session);
    expect(affinity.preferred(1, 2, '0')).toBe(0);
    affinity.served(1, 2, 'one more', 5);
    expect(['0', '1', '2', 'one more'].map((session) => affinity.preferred(1, 2, session))).toEqual([0, null, 2, 5]);
  });
});
