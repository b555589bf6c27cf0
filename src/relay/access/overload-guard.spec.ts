import type { AppConfig } from '../../config/app-config';
import { ManualClock } from '../../../test/support/manual-clock';
import { OverloadGuard } from './overload-guard';

const SAMPLE_MS = 500;

describe(OverloadGuard.name, () => {
  let clock: ManualClock;
  let guard: OverloadGuard;

  beforeEach(() => {
    jest.useFakeTimers();
    clock = new ManualClock();
  });

  afterEach(() => {
    guard.onApplicationShutdown();
    jest.useRealTimers();
  });

  function start(settings: Partial<AppConfig>): void {
    guard = new OverloadGuard({ relayMaxInFlight: 3, relayMaxLoopLagMs: 1000, ...settings } as AppConfig, clock);
    guard.onApplicationBootstrap();
  }

  /** Lets a sample come this late. */
  function sample(lagMs: number): void {
    clock.advance(SAMPLE_MS + lagMs);
    jest.advanceTimersByTime(SAMPLE_MS);
  }

  it('admits as many requests as may be in flight, and again when one has left', () => {
    start({});
    for (let i = 0; i < 3; i++) {
      expect(guard.admits()).toBe(true);
      guard.entered();
    }
    expect(guard.admits()).toBe(false);
    guard.left();
    expect(guard.admits()).toBe(true);
  });

  it('refuses after two late samples in a row, until one comes in time', () => {
    start({});
    sample(1001);
    expect(guard.admits()).toBe(true);
    sample(5000);
    expect(guard.admits()).toBe(false);
    sample(2000);
    expect(guard.admits()).toBe(false);
    sample(1000);
    expect(guard.admits()).toBe(true);
  });

  it('takes late samples with good ones between them for noise', () => {
    start({});
    for (let i = 0; i < 10; i++) {
      sample(3000);
      expect(guard.admits()).toBe(true);
      sample(0);
    }
  });

  it('does not watch the event loop when any lag is allowed', () => {
    start({ relayMaxLoopLagMs: 0 });
    expect(jest.getTimerCount()).toBe(0);
    sample(60_000);
    sample(60_000);
    expect(guard.admits()).toBe(true);
  });

  it('leaves no timer behind', () => {
    start({});
    expect(jest.getTimerCount()).toBe(1);
    guard.onApplicationShutdown();
    expect(jest.getTimerCount()).toBe(0);
  });
});
