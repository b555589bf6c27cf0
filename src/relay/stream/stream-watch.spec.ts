import { ManualClock } from '../../../test/support/manual-clock';
import { StreamWatch } from './stream-watch';

describe(StreamWatch, () => {
  let clock: ManualClock;
  let told: string[];
  let watch: StreamWatch;
  let onKeepAlive: () => void;

  function start({ idleMs = 1_000, keepAliveMs = 0, stallMs = 5_000 } = {}): void {
    watch = new StreamWatch(
      { idleMs, keepAliveMs, stallMs },
      {
        onIdle: () => told.push('idle'),
        onKeepAlive: () => {
          told.push('keep-alive');
          onKeepAlive();
        },
        onStalled: () => told.push('stalled'),
      },
      clock,
    );
  }

  /** Lets time pass in steps, so that a timer finds the clock near the moment it was set for. */
  function pass(ms: number): void {
    for (let leftMs = ms; leftMs > 0; leftMs -= 10) {
      clock.advance(Math.min(leftMs, 10));
      jest.advanceTimersByTime(Math.min(leftMs, 10));
    }
  }

  beforeEach(() => {
    jest.useFakeTimers();
    clock = new ManualClock();
    told = [];
    onKeepAlive = () => undefined;
  });

  afterEach(() => {
    watch.stop();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('tells once that no payload has come for too long', () => {
    start();
    pass(990);
    expect(told).toEqual([]);
    pass(10);
    expect(told).toEqual(['idle']);
    pass(60_000);
    expect(told).toEqual(['idle']);
  });

  it('begins the idle time anew with each payload, and with nothing else', () => {
    start();
    for (let round = 0; round < 5; round++) {
      pass(900);
      watch.payload();
    }
    pass(900);
    watch.sent();
    expect(told).toEqual([]);
    pass(100);
    expect(told).toEqual(['idle']);
  });

  it('asks for a comment after each silence', () => {
    start({ idleMs: 10_000, keepAliveMs: 300 });
    pass(200);
    watch.sent();
    pass(290);
    expect(told).toEqual([]);
    pass(10);
    expect(told).toEqual(['keep-alive']);
    pass(600);
    expect(told).toEqual(['keep-alive', 'keep-alive', 'keep-alive']);
  });

  it('asks for no comments when they are off', () => {
    start({ idleMs: 10_000, keepAliveMs: 0 });
    pass(9_990);
    expect(told).toEqual([]);
  });

  it('counts only the time of a client that reads nothing', () => {
    start({ idleMs: 1_000, keepAliveMs: 300, stallMs: 5_000 });
    watch.clientStalled();
    pass(3_000);
    watch.clientStalled();
    pass(1_990);
    expect(told).toEqual([]);
    pass(10);
    expect(told).toEqual(['stalled']);
    pass(60_000);
    expect(told).toEqual(['stalled']);
  });

  it('notices a stall before a later deadline for which it sleeps', () => {
    start({ idleMs: 60_000, stallMs: 500 });
    pass(100);
    watch.clientStalled();
    pass(500);
    expect(told).toEqual(['stalled']);
  });

  it('begins all silences anew when the client has read', () => {
    start({ idleMs: 1_000, keepAliveMs: 0, stallMs: 5_000 });
    pass(900);
    watch.clientStalled();
    pass(4_900);
    watch.clientDrained();
    pass(990);
    expect(told).toEqual([]);
    pass(10);
    expect(told).toEqual(['idle']);
  });

  it('has one timer, which no payload sets anew', () => {
    start({ keepAliveMs: 300 });
    const setTimeout = jest.spyOn(globalThis, 'setTimeout');
    for (let count = 0; count < 1_000; count++) {
      watch.payload();
      watch.sent();
    }
    expect(jest.getTimerCount()).toBe(1);
    expect(setTimeout).not.toHaveBeenCalled();
    setTimeout.mockRestore();
  });

  it('tells nothing after it was stopped', () => {
    start({ keepAliveMs: 300 });
    watch.stop();
    watch.clientStalled();
    watch.clientDrained();
    pass(60_000);
    expect(told).toEqual([]);
  });

  it('can be stopped, or find the client stalled, by the comment it asks for', () => {
    start({ keepAliveMs: 300, stallMs: 200 });
    onKeepAlive = () => {
      watch.clientStalled();
    };
    pass(500);
    expect(told).toEqual(['keep-alive', 'stalled']);
    start({ keepAliveMs: 300 });
    onKeepAlive = () => {
      watch.stop();
    };
    pass(60_000);
    expect(told).toEqual(['keep-alive', 'stalled', 'keep-alive']);
  });

  it('takes limits that no timer can hold', () => {
    start({ idleMs: 2 ** 40, stallMs: 2 ** 40 });
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
  });
});
