import * as fc from 'fast-check';
import type { Clock } from '../../common/clock';
import { ChannelBreaker } from './channel-breaker';

const LOST_TRIAL_MS = 60_000;

let nowMs = 100_000;
const clock: Clock = { nowMs: () => nowMs, wallMs: () => nowMs };

const aCommand = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.nat(3_000), fc.nat(90_000)) }),
  fc.record({ do: fc.constant('open' as const), hintMs: fc.option(fc.nat(200_000), { nil: undefined }) }),
  fc.record({ do: fc.constantFrom('succeed' as const, 'fail' as const, 'refuse' as const), ageMs: fc.nat(20_000) }),
  fc.record({ do: fc.constantFrom('begin' as const, 'pass' as const, 'miss' as const) }),
);
type Command = typeof aCommand extends fc.Arbitrary<infer T> ? T : never;

/** Whether a trial was begun. */
function run(breaker: ChannelBreaker, command: Command): boolean {
  switch (command.do) {
    case 'wait':
      nowMs += command.ms;
      return false;
    case 'open':
      breaker.open({ kind: 'KEY_DEAD', code: 'invalid_api_key' }, command.hintMs);
      return false;
    case 'succeed':
      breaker.succeeded(nowMs - command.ageMs);
      return false;
    case 'fail':
      for (let i = 0; i < 15; i++) breaker.failed('CHANNEL', 'http_502', nowMs - command.ageMs);
      return false;
    case 'refuse':
      breaker.failed('HOST', 'http_403', nowMs - command.ageMs);
      return false;
    case 'begin':
      return breaker.tryBegin();
    case 'pass':
      breaker.trialPassed();
      return false;
    case 'miss':
      breaker.trialFailed();
      return false;
  }
}

describe(ChannelBreaker.name, () => {
  it('never admits unless closed, has one trial at a time, and always has a next one within 60 s', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(aCommand, { maxLength: 120, size: 'max' }), (commands) => {
        const breaker = new ChannelBreaker(
          clock,
          () => 5_000,
          () => undefined,
        );
        let trialBeganMs: number | null = null;
        for (const command of commands) {
          const before = { state: breaker.state, dueMs: breaker.retryAtMs ?? Infinity };
          if (run(breaker, command)) {
            expect(nowMs).toBeGreaterThanOrEqual(before.dueMs);
            expect(nowMs - (trialBeganMs ?? -Infinity)).toBeGreaterThanOrEqual(LOST_TRIAL_MS);
            trialBeganMs = nowMs;
          }
          const { state, reason, openedAtMs, retryAtMs } = breaker;
          if (state !== 'half-open') trialBeganMs = null;
          if (state !== before.state) seen.add(`${before.state} to ${state}`);
          expect(breaker.admits()).toBe(state === 'closed');
          expect([reason, openedAtMs, retryAtMs].map((value) => value === null)).toEqual(
            Array(3).fill(breaker.admits()),
          );
          expect(retryAtMs ?? 0).toBeLessThanOrEqual(nowMs + 60_000);
          expect(trialBeganMs !== null).toBe(state === 'half-open');
        }
      }),
    );
    expect([...seen].sort()).toEqual([
      'closed to open',
      'half-open to closed',
      'half-open to open',
      'open to half-open',
    ]);
  });
});
