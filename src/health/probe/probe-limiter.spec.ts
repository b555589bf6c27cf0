import { ManualClock } from '../../../test/support/manual-clock';
import type { AppConfig } from '../../config/app-config';
import type { ProbePriority } from './probe-lane';
import { ProbeLimiter } from './probe-limiter';

/** A limiter whose clock and whose process time move together; `started` holds what began, in order. */
class Scene {
  readonly clock = new ManualClock();
  readonly started: string[] = [];
  readonly limiter = new ProbeLimiter(this.clock, { keyProbesPerSecond: 5 } as AppConfig);
  private readonly ends = new Map<string, () => void>();

  /** A probe that lasts until it is ended. */
  probe(name: string, keyId: number, priority: ProbePriority = 'scheduled', channelId = 1): Promise<string | null> {
    return this.limiter.run(channelId, keyId, priority, (signal) => {
      this.started.push(name);
      return new Promise((resolve) => {
        const end = (): void => {
          resolve(name);
        };
        this.ends.set(name, end);
        signal.addEventListener('abort', end);
      });
    });
  }

  async end(name: string): Promise<void> {
    this.ends.get(name)?.();
    await this.pass(0);
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await jest.advanceTimersByTimeAsync(ms);
  }
}

describe(ProbeLimiter, () => {
  let scene: Scene;

  beforeEach(() => {
    jest.useFakeTimers();
    scene = new Scene();
  });

  afterEach(() => {
    scene.limiter.beforeApplicationShutdown();
    jest.useRealTimers();
  });

  it('starts at most so many probes a second of one channel, the first at once', async () => {
    for (let keyId = 0; keyId < 20; keyId++) void scene.probe(`key ${keyId}`, keyId);
    expect(scene.started).toHaveLength(1);
    await scene.pass(199);
    expect(scene.started).toHaveLength(1);
    await scene.pass(1);
    expect(scene.started).toHaveLength(2);
    for (let step = 0; step < 5; step++) await scene.pass(200);
    expect(scene.started).toHaveLength(7);
  });

  it('does not save up what was not used', async () => {
    void scene.probe('first', 1);
    await scene.pass(60_000);
    for (let keyId = 2; keyId < 6; keyId++) void scene.probe(`key ${keyId}`, keyId);
    expect(scene.started).toEqual(['first', 'key 2']);
  });

  it('lets no channel wait for another', () => {
    void scene.probe('here', 1, 'scheduled', 1);
    void scene.probe('there', 2, 'scheduled', 2);
    expect(scene.started).toEqual(['here', 'there']);
  });

  it('lets whoever waits for an answer go before a schedule', async () => {
    void scene.probe('first', 1);
    void scene.probe('scheduled', 2);
    void scene.probe('urgent', 3, 'urgent');
    await scene.pass(200);
    await scene.pass(200);
    expect(scene.started).toEqual(['first', 'urgent', 'scheduled']);
  });

  it('never probes one key twice at a time, and holds up no other for it', async () => {
    void scene.probe('one', 1);
    void scene.probe('same key', 1, 'urgent');
    void scene.probe('other key', 2);
    await scene.pass(1_000);
    expect(scene.started).toEqual(['one', 'other key']);
    await scene.end('one');
    await scene.pass(200);
    expect(scene.started).toEqual(['one', 'other key', 'same key']);
  });

  it('hands on what the work gives or throws, and goes on', async () => {
    const failing = scene.limiter.run(1, 1, 'urgent', () => Promise.reject(new Error('away')));
    await expect(failing).rejects.toThrow('away');
    const next = scene.probe('next', 1);
    await scene.pass(200);
    await scene.end('next');
    await expect(next).resolves.toBe('next');
  });

  it('gives null to all when the program stops, and ends what runs', async () => {
    const running = scene.probe('running', 1);
    const waiting = scene.probe('waiting', 2);
    scene.limiter.beforeApplicationShutdown();
    await expect(Promise.all([running, waiting, scene.probe('late', 3)])).resolves.toEqual([null, null, null]);
    await scene.pass(1_000);
    expect(scene.started).toEqual(['running']);
  });
});
