import fc from 'fast-check';
import { ManualClock } from '../../../test/support/manual-clock';
import { ScoreWindows } from './score-windows';

const MINUTE_MS = 60_000;
const BUCKET_MS = 10 * MINUTE_MS;
const NOTHING = { successes: 0, failures: 0, meanLatencyMs: null };

/** Keeps every event and counts those of the last six buckets, to check against. */
class EventList {
  private readonly events: { bucket: number; slot: number; latencyMs: number | null }[] = [];

  constructor(private readonly clock: ManualClock) {}

  add(slot: number, latencyMs: number | null): void {
    this.events.push({ bucket: this.bucketNow(), slot, latencyMs });
  }

  read(slot: number): { successes: number; failures: number; meanLatencyMs: number | null } {
    const recent = this.events.filter((event) => event.slot === slot && event.bucket > this.bucketNow() - 6);
    const latencies = recent.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));
    const successes = latencies.length;
    const meanLatencyMs = successes === 0 ? null : latencies.reduce((sum, one) => sum + one, 0) / successes;
    return { successes, failures: recent.length - successes, meanLatencyMs };
  }

  private bucketNow(): number {
    return Math.floor(this.clock.nowMs() / BUCKET_MS);
  }
}

describe(ScoreWindows, () => {
  const clock = new ManualClock(0);
  let windows: ScoreWindows;

  beforeEach(() => {
    windows = new ScoreWindows(clock);
  });

  it('knows nothing of a slot without a past', () => {
    windows.succeeded(3, 100);
    for (const slot of [0, 4, 1_000_000, -1]) expect(windows.read(slot)).toEqual(NOTHING);
  });

  it('counts each slot apart and averages the latency of its successes', () => {
    windows.succeeded(0, 100);
    windows.succeeded(0, 300);
    windows.failed(0);
    windows.failed(70_000);
    expect(windows.read(0)).toEqual({ successes: 2, failures: 1, meanLatencyMs: 200 });
    expect(windows.read(70_000)).toEqual({ successes: 0, failures: 1, meanLatencyMs: null });
  });

  it('keeps what it counted when a higher slot makes it grow', () => {
    for (let slot = 0; slot < 5_000; slot++) windows.succeeded(slot, slot);
    for (let slot = 0; slot < 5_000; slot++) {
      expect(windows.read(slot)).toEqual({ successes: 1, failures: 0, meanLatencyMs: slot });
    }
  });

  it('remembers for at least 50 minutes and forgets after an hour', () => {
    windows.failed(1);
    clock.advance(50 * MINUTE_MS - 1);
    expect(windows.read(1).failures).toBe(1);
    clock.advance(10 * MINUTE_MS + 1);
    expect(windows.read(1)).toEqual(NOTHING);
  });

  it('forgets everything in a pause, however long', () => {
    for (const pauseMs of [60 * MINUTE_MS, 65 * MINUTE_MS, 365 * 24 * 60 * MINUTE_MS]) {
      for (let bucket = 0; bucket < 6; bucket++) {
        windows.succeeded(2, 50);
        clock.advance(BUCKET_MS);
      }
      clock.advance(pauseMs);
      expect(windows.read(2)).toEqual(NOTHING);
    }
  });

  it('does not heed a machine clock that jumps', () => {
    windows.failed(0);
    clock.jumpWall(3_650 * 24 * 60 * MINUTE_MS);
    expect(windows.read(0).failures).toBe(1);
    clock.jumpWall(-7_300 * 24 * 60 * MINUTE_MS);
    expect(windows.read(0).failures).toBe(1);
  });

  it('stops counting at 65,535 of a kind in ten minutes and keeps the mean true', () => {
    for (let i = 0; i < 70_000; i++) {
      windows.succeeded(0, 30_000);
      windows.failed(0);
    }
    const { successes, failures, meanLatencyMs } = windows.read(0);
    expect([successes, failures]).toEqual([65_535, 65_535]);
    expect(Math.abs((meanLatencyMs ?? 0) - 30_000)).toBeLessThan(300);
    clock.advance(BUCKET_MS);
    windows.failed(0);
    expect(windows.read(0).failures).toBe(65_536);
  });

  it('agrees with a plain list of all events', () => {
    const command = fc.record({
      slot: fc.oneof(fc.nat(5), fc.nat(200)),
      latencyMs: fc.option(fc.nat(60_000)),
      passMs: fc.oneof(fc.constant(0), fc.nat(MINUTE_MS), fc.nat(BUCKET_MS), fc.nat(90 * MINUTE_MS)),
    });
    fc.assert(
      fc.property(fc.nat(BUCKET_MS), fc.array(command, { maxLength: 100 }), (startMs, commands) => {
        const ownClock = new ManualClock(startMs);
        const own = new ScoreWindows(ownClock);
        const model = new EventList(ownClock);
        for (const { slot, latencyMs, passMs } of commands) {
          ownClock.advance(passMs);
          if (latencyMs === null) own.failed(slot);
          else own.succeeded(slot, latencyMs);
          model.add(slot, latencyMs);
          for (const one of [slot, 0, 1]) expect(own.read(one)).toEqual(model.read(one));
        }
      }),
      { numRuns: 300 },
    );
  });
});
