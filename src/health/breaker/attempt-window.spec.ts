import * as fc from 'fast-check';
import { AttemptWindow } from './attempt-window';

describe(AttemptWindow.name, () => {
  it('counts nothing at first, nor after being cleared', () => {
    const window = new AttemptWindow();

    expect(window.totals(0)).toEqual({ attempts: 0, failures: 0 });
    window.record(500, true);
    window.clear();
    expect(window.totals(500)).toEqual({ attempts: 0, failures: 0 });
  });

  it('counts the attempts of this second and of the nine before', () => {
    const anAttempt = fc.record({ pauseMs: fc.oneof(fc.nat(900), fc.nat(25_000)), isFailure: fc.boolean() });
    fc.assert(
      fc.property(fc.array(anAttempt, { maxLength: 80, size: 'max' }), (history) => {
        const window = new AttemptWindow();
        const seen: { second: number; isFailure: boolean }[] = [];
        let nowMs = 0;
        for (const { pauseMs, isFailure } of history) {
          nowMs += pauseMs;
          const second = Math.floor(nowMs / 1_000);
          const before = seen.filter((attempt) => attempt.second > second - 10);
          expect(window.totals(nowMs)).toEqual({
            attempts: before.length,
            failures: before.filter((attempt) => attempt.isFailure).length,
          });
          window.record(nowMs, isFailure);
          seen.push({ second, isFailure });
        }
      }),
    );
  });
});
