import * as fc from 'fast-check';
import { aSnapshot, WatchedPool } from '../../../test/support/key-state-pool';
import { KEY_STATES, type KeyState } from '../../keys/key-state';
import { PoolHealth } from './pool-health';

const SLOTS = 6;
const MODELS = ['a', 'b', 'c'];

const aSlot = fc.nat(SLOTS - 1);
const aModel = fc.constantFrom(...MODELS);
const aTime = fc.nat(10_000);
const anEvent = fc.oneof(
  fc.record({ do: fc.constant('cool' as const), slot: aSlot, model: fc.option(aModel), ms: aTime }),
  fc.record({ do: fc.constant('bench' as const), slot: aSlot, model: aModel, ms: aTime }),
  fc.record({ do: fc.constant('unbench' as const), slot: aSlot, model: aModel }),
  fc.record({ do: fc.constant('close' as const), model: aModel, ms: aTime }),
  fc.record({
    do: fc.constant('enter' as const),
    slot: aSlot,
    state: fc.constantFrom<KeyState>('active', 'suspect', 'exhausted', 'unreadable'),
  }),
  fc.record({
    do: fc.constant('sync' as const),
    slot: aSlot,
    state: fc.constantFrom(...KEY_STATES),
    model: fc.option(aModel),
    ms: aTime,
    isDeleted: fc.boolean(),
  }),
  fc.record({ do: fc.constant('pass' as const), ms: aTime }),
);
type Event = typeof anEvent extends fc.Arbitrary<infer T> ? T : never;

function play(pool: WatchedPool, event: Event): void {
  const { health } = pool;
  switch (event.do) {
    case 'cool':
      health.cool(event.slot, { model: event.model, untilMs: pool.inMs(event.ms) });
      break;
    case 'bench':
      health.bench(event.slot, event.model, pool.inMs(event.ms));
      break;
    case 'unbench':
      health.unbench(event.slot, event.model);
      break;
    case 'close':
      health.closeModel(event.model, pool.inMs(event.ms));
      break;
    case 'enter':
      health.enter(event.slot, event.state);
      break;
    case 'sync': {
      const { slot: index, state, model, ms: lastsMs, isDeleted } = event;
      health.sync(aSnapshot({ index, state, model, lastsMs, ciphertext: isDeleted ? null : 'c' }));
      break;
    }
    case 'pass':
      pool.pass(event.ms);
  }
}

describe(`${PoolHealth.name} in step with the database`, () => {
  let pool: WatchedPool;
  let health: PoolHealth;

  beforeEach(() => {
    pool = new WatchedPool(2);
    ({ health } = pool);
  });

  it.each(KEY_STATES.flatMap((before) => KEY_STATES.map((state) => ({ before, state }))))(
    'brings a key that is $before to $state',
    ({ before, state }) => {
      health.sync(aSnapshot({ state: before, lastsMs: 5_000, probeInMs: 1_000, revision: 2 }));
      health.sync(aSnapshot({ state, lastsMs: 9_000, revision: 3 }));
      expect([health.stateAt(0), health.seenAt(0).revision]).toEqual([state, 3]);
      expect(pool.offered.has(0)).toBe(state === 'active');
      expect(KEY_STATES.map((each) => health.count(each))).toEqual(
        KEY_STATES.map((each) => Number(each === state) + Number(each === 'active')),
      );
      expect([health.nextAtMs(), health.nextProbeAtMs()]).toEqual([
        state === 'cooling' ? pool.inMs(9_000) : null,
        null,
      ]);
    },
  );

  it('lets a key rest for its model as long as was left when it was read', () => {
    health.sync(aSnapshot({ state: 'cooling', model: 'slow', lastsMs: 700, revision: 2 }));
    expect([pool.offeredFor('slow'), pool.offeredFor('quick')]).toEqual([[1], [0, 1]]);
    pool.pass(700);
    expect(pool.offeredFor('slow')).toEqual([0, 1]);
  });

  it('may shorten a rest: what is stored counts', () => {
    health.cool(0, { model: null, untilMs: pool.inMs(60_000) });
    health.sync(aSnapshot({ state: 'cooling', lastsMs: 700, revision: 2 }));
    pool.pass(700);
    expect(health.stateAt(0)).toBe('active');
  });

  it.each([0, null])('takes a cooldown of which %p is left for over', (lastsMs) => {
    health.sync(aSnapshot({ state: 'cooling', lastsMs, revision: 2 }));
    expect(health.stateAt(0)).toBe('active');
  });

  it('has a key probed when that is stored, and not otherwise', () => {
    health.sync(aSnapshot({ state: 'suspect', probeInMs: 400, revision: 2 }));
    expect(health.nextProbeAtMs()).toBe(pool.inMs(400));
    health.sync(aSnapshot({ state: 'manual', revision: 3 }));
    expect(health.nextProbeAtMs()).toBeNull();
  });

  it.each(['active', 'manual'] as const)('forgets for which models a key was out that is %s', (state) => {
    health.bench(0, 'gone', pool.inMs(9_000));
    health.sync(aSnapshot({ state, revision: 2 }));
    expect(health.restingCount('gone')).toBe(0);
  });

  it('lets a deleted key leave nothing behind, unless its place was given to another one', () => {
    health.bench(0, 'gone', pool.inMs(9_000));
    health.probeAt(0, pool.inMs(9_000));
    health.sync(aSnapshot({ ciphertext: null, revision: 2 }));
    expect([health.stateAt(0), health.size, health.nextProbeAtMs(), health.restingCount('gone')]).toEqual([
      null,
      1,
      null,
      0,
    ]);
    health.sync(aSnapshot({ keyId: 9, revision: 3 }));
    health.sync(aSnapshot({ ciphertext: null, revision: 4 }));
    expect([health.stateAt(0), health.size]).toEqual(['active', 2]);
  });

  it('counts for each model exactly the keys that it offers and those that rest', () => {
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 60, size: 'max' }), (events) => {
        pool = new WatchedPool(SLOTS);
        ({ health } = pool);
        for (const event of events) {
          play(pool, event);
          const enabled = health.count('active') + health.count('cooling');
          const counted = MODELS.map((model) => [health.usableCount(model), health.restingCount(model)]);
          const offered = MODELS.map((model) => pool.offeredFor(model).length);
          expect([health.usableCount(), ...counted]).toEqual([
            pool.offered.size,
            ...offered.map((count) => [count, enabled - count]),
          ]);
          const backAtMs = MODELS.filter((_, i) => offered[i] !== enabled).map((model) => health.soonestMs(model));
          expect(backAtMs).not.toContain(null);
        }
      }),
      { numRuns: 300 },
    );
  });
});
