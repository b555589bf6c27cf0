import fc from 'fast-check';
import type { ChannelRoute } from '../../channels/channel-route';
import type { KeyLease, KeySelector } from '../../selector/key-selector';
import type { RandomSource } from '../../selector/random-source';
import { AttemptPlan, type PlannedRequest } from './attempt-plan';
import type { Destination, RetryAdvice } from '../retry/retry-advice';

interface ChannelSketch {
  readonly keys: number;
  readonly priority?: number;
  readonly weight?: number;
}

function aRoute(id: number, { priority = 0, weight = 1 }: ChannelSketch): ChannelRoute {
  return { id, priority, weight } as ChannelRoute;
}

/** A selector that hands out the lowest index not excluded. */
function aSelector(sketches: readonly ChannelSketch[], models: string[] = []): KeySelector {
  const lease = ({ id }: ChannelRoute, excluded: readonly number[], model: string): KeyLease | null => {
    models.push(model);
    const index = Array.from({ length: sketches[id]?.keys ?? 0 }, (_, i) => i).find((i) => !excluded.includes(i));
    return index === undefined ? null : { channelId: id, keyId: id * 100 + index, index, revision: 0, secret: '' };
  };
  const leaseKey = (channel: ChannelRoute, keyId: number): KeyLease | null => {
    const index = keyId - channel.id * 100;
    return index < (sketches[channel.id]?.keys ?? 0)
      ? { channelId: channel.id, keyId, index, revision: 0, secret: '' }
      : null;
  };
  return { lease, leaseKey } as Partial<KeySelector> as KeySelector;
}

function aRequest(preferred: Readonly<Record<number, number>> = {}, mostAttempts = 3): PlannedRequest {
  return {
    mostAttempts,
    modelFor: ({ id }) => `model of ${id}`,
    preferredKeyIn: ({ id }) => preferred[id] ?? null,
  };
}

function aPlan(sketches: readonly ChannelSketch[], random = 0, request = aRequest()): AttemptPlan {
  const routes = sketches.map((sketch, id) => aRoute(id, sketch)).sort((one, other) => other.priority - one.priority);
  return new AttemptPlan(aSelector(sketches), { next: () => random } as RandomSource, request, routes);
}

const advice = (to: Destination, mostMore = Infinity): RetryAdvice => ({ to, mostMore, needsBudget: false });
const key = advice('next-key');
const elsewhere = advice('elsewhere-first');

function walk(plan: AttemptPlan, ...advices: RetryAdvice[]): string[] {
  const steps = [plan.first(), ...advices.map((one) => plan.next(one))];
  return steps.map((step) => (step ? `${step.channel.id}:${step.lease.index}` : 'none'));
}

describe(AttemptPlan, () => {
  it('tries another key of the same channel first', () => {
    expect(walk(aPlan([{ keys: 5 }]), key, key)).toEqual(['0:0', '0:1', '0:2']);
  });

  it('makes at most three attempts', () => {
    expect(walk(aPlan([{ keys: 5 }, { keys: 5 }]), key, key, key).at(-1)).toBe('none');
  });

  it('takes its last attempt to another channel if there is one', () => {
    expect(walk(aPlan([{ keys: 5, priority: 1 }, { keys: 5 }]), key, key)).toEqual(['0:0', '0:1', '1:0']);
  });

  it('leaves a channel whose address fails, and comes back only when there is no other', () => {
    expect(walk(aPlan([{ keys: 5, priority: 1 }, { keys: 5 }]), elsewhere)).toEqual(['0:0', '1:0']);
    expect(walk(aPlan([{ keys: 5 }]), elsewhere, elsewhere)).toEqual(['0:0', '0:1', '0:2']);
  });

  it('goes to another channel or nowhere when no other key of this one would fare better', () => {
    const another = advice('another-channel');
    expect(walk(aPlan([{ keys: 5, priority: 1 }, { keys: 5 }]), another, another)).toEqual(['0:0', '1:0', 'none']);
    expect(walk(aPlan([{ keys: 5 }, { keys: 5 }]), advice('nowhere', 0))).toEqual(['0:0', 'none']);
  });

  it('never makes more attempts than any advice has left', () => {
    expect(walk(aPlan([{ keys: 5 }]), advice('next-key', 1), key)).toEqual(['0:0', '0:1', 'none']);
    expect(walk(aPlan([{ keys: 5, priority: 1 }, { keys: 5 }]), advice('next-key', 1), key)).toEqual([
      '0:0',
      '1:0',
      'none',
    ]);
  });

  it('asks for keys that serve the model as the channel calls it', () => {
    expect(aPlan([{ keys: 1 }]).first()).toMatchObject({ model: 'model of 0' });
    const models: string[] = [];
    const routes = [aRoute(0, { keys: 0 }), aRoute(1, { keys: 1 })];
    const selector = aSelector([{ keys: 0 }, { keys: 1 }], models);
    new AttemptPlan(selector, { next: () => 0 } as RandomSource, aRequest(), routes).first();
    expect(models).toEqual(['model of 0', 'model of 1']);
  });

  it('makes fewer attempts where the client itself comes again', () => {
    expect(walk(aPlan([{ keys: 5 }], 0, aRequest({}, 2)), key, key)).toEqual(['0:0', '0:1', 'none']);
  });

  it('begins with the key of the session, and goes on from there like any other request', () => {
    expect(walk(aPlan([{ keys: 5 }], 0, aRequest({ 0: 3 })), key, key)).toEqual(['0:3', '0:0', '0:1']);
    expect(walk(aPlan([{ keys: 5 }, { keys: 5 }], 0, aRequest({ 1: 104 })), elsewhere)).toEqual(['1:4', '0:0']);
  });

  it('leaves the key of the session at once when it cannot serve, or when another channel comes first', () => {
    expect(walk(aPlan([{ keys: 2 }], 0, aRequest({ 0: 3 })))).toEqual(['0:0']);
    expect(walk(aPlan([{ keys: 2, priority: 1 }, { keys: 2 }], 0, aRequest({ 1: 101 })))).toEqual(['0:0']);
  });

  it('passes over a channel without a usable key', () => {
    expect(walk(aPlan([{ keys: 0, priority: 9 }, { keys: 1 }]), key)).toEqual(['1:0', 'none']);
    expect(walk(aPlan([{ keys: 0 }]))).toEqual(['none']);
  });

  it('goes by priority, and within one by weight', () => {
    const sketches = [
      { keys: 1, weight: 1 },
      { keys: 1, weight: 3 },
      { keys: 1, priority: -1, weight: 1000 },
    ];
    const firsts = Array.from({ length: 100 }, (_, i) => walk(aPlan(sketches, i / 100))[0]);
    expect(firsts.filter((step) => step === '0:0')).toHaveLength(25);
    expect(firsts.filter((step) => step === '1:0')).toHaveLength(75);
  });

  it('never tries the same key twice, and stops early only when every key was tried', () => {
    const sketch = fc.record({ keys: fc.nat(4), priority: fc.nat(2), weight: fc.integer({ min: 1, max: 9 }) });
    const advices = fc.array(fc.constantFrom(key, elsewhere), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(sketch, { maxLength: 4 }),
        advices,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (sketches, kinds, random) => {
          const steps = walk(aPlan(sketches, random), ...kinds).filter((step) => step !== 'none');
          const busy = sketches.filter(({ keys }) => keys > 0);
          expect(new Set(steps).size).toBe(steps.length);
          expect(steps.length).toBeLessThanOrEqual(3);
          if (busy.length > 0) expect(steps.length).toBeGreaterThan(0);
          if (busy.length > 1) expect(new Set(steps.map((step) => step.split(':')[0])).size).toBeGreaterThan(1);
          if (busy.length === 1) expect(steps).toHaveLength(Math.min(3, busy[0]?.keys ?? 0));
        },
      ),
    );
  });
});
