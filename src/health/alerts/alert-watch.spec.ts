import fc from 'fast-check';
import type { AlertEvent } from './alert';
import { AlertWatch, type ChannelObservation } from './alert-watch';

const AT = new Date('2026-01-01T00:00:00Z');
const REASON = { kind: 'CHANNEL', code: 'http_503' } as const;

describe(AlertWatch, () => {
  let watch: AlertWatch;

  beforeEach(() => {
    watch = new AlertWatch(30);
  });

  const seen = (fields: Partial<ChannelObservation> = {}): ChannelObservation => ({
    channelId: 1,
    channelName: 'GPT-4 pool',
    isBreakerOpen: false,
    reason: REASON,
    usable: 10,
    total: 10,
    ...fields,
  });

  const eventsOf = (fields: Partial<ChannelObservation> = {}): AlertEvent[] =>
    watch.observe(seen(fields), AT).map(({ event }) => event);

  it('says nothing about a channel that is well from the first look on', () => {
    expect([eventsOf(), eventsOf()]).toEqual([[], []]);
  });

  it('tells once that a breaker opens and once that it closes', () => {
    const looks = [true, true, false, false, true].map((isBreakerOpen) => eventsOf({ isBreakerOpen }));
    expect(looks).toEqual([['channel.down'], [], ['channel.recovered'], [], ['channel.down']]);
  });

  it('takes a channel for down when none of its keys is usable', () => {
    expect(eventsOf({ usable: 0 })).toEqual(['pool.low', 'channel.down']);
    expect(eventsOf({ usable: 0, isBreakerOpen: true })).toEqual([]);
    expect(eventsOf({ usable: 1 })).toEqual(['channel.recovered']);
  });

  it('tells of a low pool below the share, and of its recovery only five points above it', () => {
    const looks = [30, 29, 30, 35, 29, 36, 35, 29].map((usable) => eventsOf({ usable, total: 100 }));
    expect(looks).toEqual([[], ['pool.low'], [], [], [], ['pool.recovered'], [], ['pool.low']]);
  });

  it('lets a pool recover whose share leaves no room for five points', () => {
    watch = new AlertWatch(100);
    expect([9, 10].map((usable) => eventsOf({ usable }))).toEqual([['pool.low'], ['pool.recovered']]);
  });

  it('finds no pool low at a share of 0', () => {
    watch = new AlertWatch(0);
    expect(eventsOf({ usable: 0 })).toEqual(['channel.down']);
  });

  it('tells of a wave once, however it grows, and of the next one again', () => {
    const looks = [3, 7, 0, 4].map((diedInWave) => eventsOf({ diedInWave }));
    expect(looks).toEqual([['keys.wave'], [], [], ['keys.wave']]);
  });

  it('says nothing about a channel without keys, and goes on with what was said when it has some again', () => {
    expect(eventsOf({ usable: 0, total: 0, isBreakerOpen: true })).toEqual([]);
    expect(eventsOf({ usable: 0 })).toEqual(['pool.low', 'channel.down']);
    expect(eventsOf({ usable: 0, total: 0 })).toEqual([]);
    expect(eventsOf()).toEqual(['pool.recovered', 'channel.recovered']);
  });

  it('begins anew with a channel that it was told to forget', () => {
    eventsOf({ isBreakerOpen: true });
    watch.forget(1);
    expect(eventsOf()).toEqual([]);
  });

  it('gives alerts the name, counts, time and, unless it is good news, the reason', () => {
    const common = { channelId: 1, channelName: 'GPT-4 pool', at: AT };
    expect(watch.observe(seen({ isBreakerOpen: true, usable: 8, diedInWave: 2 }), AT)).toEqual([
      { ...common, event: 'keys.wave', reason: REASON, counts: { usable: 8, total: 10, died: 2 } },
      { ...common, event: 'channel.down', reason: REASON, counts: { usable: 8, total: 10, died: 2 } },
    ]);
    expect(watch.observe(seen(), AT)).toEqual([
      { ...common, event: 'channel.recovered', reason: null, counts: { usable: 10, total: 10, died: 0 } },
    ]);
  });

  it('never tells the same turn of a channel twice in a row, and begins none with a recovery', () => {
    const observation = fc
      .record({
        channelId: fc.integer({ min: 1, max: 3 }),
        isBreakerOpen: fc.boolean(),
        total: fc.integer({ min: 0, max: 40 }),
        usable: fc.nat(40),
        diedInWave: fc.constantFrom(0, 0, 3),
      })
      .map((fields) => seen({ ...fields, usable: Math.min(fields.usable, fields.total) }));
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 60 }), fc.nat(100), (observations, poolSharePercent) => {
        watch = new AlertWatch(poolSharePercent);
        const alerts = observations.flatMap((each) => watch.observe(each, AT));
        for (const channelId of [1, 2, 3]) {
          for (const kind of ['channel.', 'pool.']) {
            const told = alerts.filter((alert) => alert.channelId === channelId && alert.event.startsWith(kind));
            const isBadNews = told.map(({ event }) => event === 'channel.down' || event === 'pool.low');
            expect(isBadNews).toEqual(told.map((_, place) => place % 2 === 0));
          }
        }
      }),
    );
  });

  it('never tells of a second wave before it saw the first one end', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 60 }), (deaths) => {
        watch = new AlertWatch(30);
        const beginnings = deaths.map((diedInWave) => eventsOf({ diedInWave }).includes('keys.wave'));
        expect(beginnings).toEqual(deaths.map((died, place) => died > 0 && (deaths[place - 1] ?? 0) === 0));
      }),
    );
  });
});
