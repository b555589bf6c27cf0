import { ManualClock } from '../../../test/support/manual-clock';
import type { AppConfig } from '../../config/app-config';
import { AttemptLedger } from './attempt-ledger';
import type { PlannedAttempt } from '../plan/relay-plan';
import { RetryBudgets } from '../retry/retry-budgets';

describe(AttemptLedger, () => {
  const planned = (channelId: number, index: number): PlannedAttempt =>
    ({
      channel: { id: channelId },
      lease: { channelId, keyId: 100 + index, index, revision: 1, secret: '' },
      model: 'm',
    }) as PlannedAttempt;
  let clock: ManualClock;
  let budgets: RetryBudgets;
  let ledger: AttemptLedger;

  beforeEach(() => {
    clock = new ManualClock();
    budgets = new RetryBudgets({ relayRetryPercent: 20 } as AppConfig);
    ledger = new AttemptLedger(budgets, clock);
  });

  it('remembers how each attempt went that was sent, and how long it took', () => {
    const startedAtMs = clock.wallMs();
    ledger.begin(planned(1, 0), false);
    ledger.sent();
    ledger.answered(401);
    ledger.failed('KEY_DEAD');
    clock.advance(30);
    ledger.end();
    // Never sent, so what is said of it says nothing of the one before.
    ledger.begin(planned(1, 1), true);
    ledger.failed('CHANNEL');
    ledger.end();
    ledger.begin(planned(2, 5), false);
    ledger.sent();
    ledger.answered(200);
    clock.advance(500);
    ledger.end();
    ledger.end();
    expect(ledger.attemptCount).toBe(3);
    expect(ledger.records).toEqual([
      { channelId: 1, keyId: 100, keyIndex: 0, startedAtMs, durationMs: 30, status: 401, verdict: 'KEY_DEAD' },
      {
        channelId: 2,
        keyId: 105,
        keyIndex: 5,
        startedAtMs: startedAtMs + 30,
        durationMs: 500,
        status: 200,
        verdict: null,
      },
    ]);
  });

  it('begins no retry beyond the budget, and gives back what is over', () => {
    const retry = (): AttemptLedger | null => {
      const other = new AttemptLedger(budgets, clock);
      return other.begin(planned(1, 0), true) ? other : null;
    };
    const begun = [retry(), retry(), retry()];
    expect(ledger.begin(planned(1, 1), true)).toBe(false);
    expect([ledger.current, ledger.attemptCount]).toEqual([null, 0]);
    expect(ledger.begin(planned(2, 1), true)).toBe(true);
    expect(ledger.begin(planned(1, 1), false)).toBe(true);
    begun[0]?.end();
    begun[0]?.end();
    expect(retry()).not.toBeNull();
    expect(retry()).toBeNull();
  });
});
