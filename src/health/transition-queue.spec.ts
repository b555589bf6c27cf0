import { Test } from '@nestjs/testing';
import { ManualClock } from '../../test/support/manual-clock';
import { ChannelNotFoundError } from '../channels/channels.errors';
import { Clock } from '../common/clock';
import type { KeyTransition } from '../keys/key-transition';
import { type AppliedTransitions, KeyTransitions } from '../keys/key-transitions';
import { TransitionQueue } from './transition-queue';

const PAUSE_MS = 200;

const aTransition = (fields: Partial<KeyTransition> = {}): KeyTransition => ({
  keyId: 1,
  revision: 5,
  to: 'suspect',
  code: 'invalid_api_key',
  detail: null,
  httpStatus: 401,
  model: null,
  lastsMs: null,
  probeInMs: null,
  failedProbes: 0,
  actor: 'traffic',
  ...fields,
});

describe(TransitionQueue, () => {
  let queue: TransitionQueue;
  let clock: ManualClock;
  let stored: (KeyTransition & { channelId: number })[];
  let store: (channelId: number, transitions: readonly KeyTransition[]) => Promise<AppliedTransitions>;

  beforeEach(async () => {
    jest.useFakeTimers();
    clock = new ManualClock();
    stored = [];
    store = (channelId, transitions) => {
      stored.push(...transitions.map((transition) => ({ ...transition, channelId })));
      return Promise.resolve({ keyIds: new Set(transitions.map(({ keyId }) => keyId)), revision: 6 });
    };
    const apply = (channelId: number, transitions: readonly KeyTransition[]): Promise<AppliedTransitions> =>
      store(channelId, transitions);
    const app = await Test.createTestingModule({
      providers: [
        TransitionQueue,
        { provide: KeyTransitions, useValue: { apply } },
        { provide: Clock, useValue: clock },
      ],
    }).compile();
    app.useLogger(false);
    queue = app.get(TransitionQueue);
    queue.onApplicationBootstrap();
  });

  afterEach(async () => {
    await queue.beforeApplicationShutdown();
    jest.useRealTimers();
  });

  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    await jest.advanceTimersByTimeAsync(ms);
  }

  /** The next write fails with this. */
  function failOnce(error: Error): void {
    const works = store;
    store = () => {
      store = works;
      return Promise.reject(error);
    };
  }

  it('stores what was added a moment later, all of a channel at once', async () => {
    const writes: number[] = [];
    const works = store;
    store = (channelId, transitions) => {
      writes.push(transitions.length);
      return works(channelId, transitions);
    };
    queue.add(1, aTransition());
    queue.add(1, aTransition({ keyId: 2 }));
    queue.add(2, aTransition({ keyId: 3 }));
    expect(stored).toEqual([]);
    await pass(PAUSE_MS);
    expect(stored.map(({ channelId, keyId }) => [channelId, keyId])).toEqual([
      [1, 1],
      [1, 2],
      [2, 3],
    ]);
    await pass(5 * PAUSE_MS);
    expect(writes).toEqual([2, 1]);
  });

  it('stores only the latest word on a key', async () => {
    queue.add(1, aTransition());
    queue.add(1, aTransition({ to: 'exhausted' }));
    await pass(PAUSE_MS);
    expect(stored.map(({ to }) => to)).toEqual(['exhausted']);
  });

  it('does not take a word on a key as it was before for the latest one', async () => {
    queue.add(1, aTransition({ revision: 6, to: 'cooling', lastsMs: 60_000 }));
    queue.add(1, aTransition({ revision: 5, to: 'active' }));
    await pass(PAUSE_MS);
    expect(stored.map(({ to }) => to)).toEqual(['cooling']);
  });

  it('keeps what could not be stored, unless there is a newer word by then', async () => {
    failOnce(new Error('away'));
    queue.add(1, aTransition());
    queue.add(1, aTransition({ keyId: 2 }));
    await pass(PAUSE_MS);
    expect(stored).toEqual([]);
    queue.add(1, aTransition({ to: 'exhausted' }));
    await pass(PAUSE_MS);
    expect(stored.map(({ keyId, to }) => [keyId, to])).toEqual([
      [1, 'exhausted'],
      [2, 'suspect'],
    ]);
  });

  it('goes on with the other channels when one cannot be stored', async () => {
    failOnce(new Error('away'));
    queue.add(1, aTransition());
    queue.add(2, aTransition({ keyId: 2 }));
    await pass(PAUSE_MS);
    expect(stored.map(({ channelId }) => channelId)).toEqual([2]);
    await pass(PAUSE_MS);
    expect(stored.map(({ channelId }) => channelId)).toEqual([2, 1]);
  });

  it('stores, however late, no longer a rest than is left of it', async () => {
    failOnce(new Error('away'));
    queue.add(1, aTransition({ to: 'cooling', lastsMs: 60_000 }));
    queue.add(1, aTransition({ keyId: 2, to: 'cooling', lastsMs: PAUSE_MS }));
    queue.add(1, aTransition({ keyId: 3, to: 'exhausted', lastsMs: 60_000, probeInMs: 60_000 }));
    queue.add(1, aTransition({ keyId: 4, to: 'suspect', probeInMs: PAUSE_MS }));
    await pass(2 * PAUSE_MS);
    const left = 60_000 - 2 * PAUSE_MS;
    expect(stored.map(({ keyId, lastsMs, probeInMs }) => ({ keyId, lastsMs, probeInMs }))).toEqual([
      { keyId: 1, lastsMs: left, probeInMs: null },
      { keyId: 3, lastsMs: left, probeInMs: left },
      { keyId: 4, lastsMs: null, probeInMs: 0 },
    ]);
  });

  it('gives up on a channel that is gone', async () => {
    failOnce(new ChannelNotFoundError(1));
    queue.add(1, aTransition());
    await pass(5 * PAUSE_MS);
    expect(stored).toEqual([]);
  });

  it('carries what is said of a key while it is being stored over to its new revision', async () => {
    const works = store;
    store = async (channelId, transitions) => {
      store = works;
      queue.add(1, aTransition({ to: 'active', actor: 'system' }));
      queue.add(1, aTransition({ keyId: 2, to: 'active', actor: 'system' }));
      queue.add(1, aTransition({ keyId: 3, revision: 6, to: 'exhausted' }));
      await works(channelId, transitions);
      return { keyIds: new Set([1, 3]), revision: 6 };
    };
    queue.add(1, aTransition());
    queue.add(1, aTransition({ keyId: 2 }));
    queue.add(1, aTransition({ keyId: 3 }));
    await pass(PAUSE_MS);
    stored.length = 0;
    await pass(PAUSE_MS);
    // The second key had changed otherwise, so nothing was stored of it, and nothing will be.
    expect(stored.map(({ keyId, revision, to }) => [keyId, revision, to])).toEqual([
      [1, 6, 'active'],
      [2, 5, 'active'],
      [3, 6, 'exhausted'],
    ]);
  });

  it('stores what is left when the program stops, and starts nothing after that', async () => {
    queue.add(1, aTransition());
    await queue.beforeApplicationShutdown();
    expect(stored).toHaveLength(1);
    queue.add(1, aTransition());
    await pass(5 * PAUSE_MS);
    expect(stored).toHaveLength(1);
  });

  it('stops although the database is away', async () => {
    failOnce(new Error('away'));
    queue.add(1, aTransition());
    await expect(queue.beforeApplicationShutdown()).resolves.toBeUndefined();
  });
});
