import { FIRST_KEY } from '../../src/keys/key-bookmark';
import { KeySnapshots } from '../../src/keys/key-snapshots';
import type { KeyTransition } from '../../src/keys/key-transition';
import { KeyTransitions } from '../../src/keys/key-transitions';
import { PoolRegistry } from '../../src/selector/pool-registry';
import { keyRows, transitionOf } from '../support/key-state-rows';
import { KeyStateScene } from '../support/key-state-scene';

const HOUR_MS = 3_600_000;
const TEN_YEARS_MS = 10 * 365 * 24 * HOUR_MS;
/** Far longer than a test may take, and far shorter than the times that are stored. */
const SLACK_MS = 300_000;

describe(KeySnapshots, () => {
  let scene: KeyStateScene;
  let channelId: number;

  beforeAll(async () => {
    scene = await KeyStateScene.start();
  });

  beforeEach(async () => {
    channelId = await scene.openChannel(3);
  });

  afterAll(async () => {
    await scene.stop();
  });

  /** Brings the first key to another state. */
  async function change(fields: Partial<KeyTransition>): Promise<void> {
    const [row] = await keyRows(scene, channelId);
    await scene.get(KeyTransitions).apply(channelId, [transitionOf(row, fields)]);
  }

  const restFor = (lastsMs: number): Partial<KeyTransition> => ({ to: 'cooling', lastsMs, probeInMs: 2 * lastsMs });

  async function remaining(): Promise<{ lastsMs: number; probeInMs: number }> {
    const page = await scene.get(KeySnapshots).readChanges(channelId, FIRST_KEY);
    const { lastsMs, probeInMs } = page?.keys.find(({ state }) => state === 'cooling') ?? {};
    return { lastsMs: lastsMs ?? NaN, probeInMs: probeInMs ?? NaN };
  }

  /** As if the machine of the database had set its clock back by this, or forwards by a negative one. */
  async function setClockBack(ms: number): Promise<void> {
    await scene.query(
      `UPDATE channel_keys
       SET until = until + $2 * interval '1 millisecond', next_probe_at = next_probe_at + $2 * interval '1 millisecond',
           deadlines_set_at = deadlines_set_at + $2 * interval '1 millisecond'
       WHERE channel_id = $1`,
      [channelId, ms],
    );
  }

  it('tells what is left of a rest, never more than there was', async () => {
    await change(restFor(HOUR_MS));
    const { lastsMs, probeInMs } = await remaining();
    expect(lastsMs).toBeLessThanOrEqual(HOUR_MS);
    expect(lastsMs).toBeGreaterThan(HOUR_MS - SLACK_MS);
    expect(probeInMs).toBeLessThanOrEqual(2 * HOUR_MS);
    expect(probeInMs).toBeGreaterThan(2 * HOUR_MS - SLACK_MS);
  });

  it.each([HOUR_MS, TEN_YEARS_MS])('prolongs no rest when the clock is set back by %i ms', async (ms) => {
    await change(restFor(HOUR_MS));
    await setClockBack(ms);
    expect(await remaining()).toEqual({ lastsMs: HOUR_MS, probeInMs: 2 * HOUR_MS });
  });

  it.each([HOUR_MS, TEN_YEARS_MS])('takes a rest for over when the clock is set ahead by %i ms', async (ms) => {
    await change(restFor(HOUR_MS / 2));
    await setClockBack(-ms);
    expect(await remaining()).toEqual({ lastsMs: 0, probeInMs: 0 });
  });

  it('has no times where none are stored', async () => {
    await change({ to: 'dead' });
    const page = await scene.get(KeySnapshots).readChanges(channelId, FIRST_KEY);
    expect(page?.keys.map(({ state, lastsMs, probeInMs }) => ({ state, lastsMs, probeInMs }))).toContainEqual({
      state: 'dead',
      lastsMs: null,
      probeInMs: null,
    });
  });

  it('lets a process that starts in the middle of a rest keep what is left of it', async () => {
    await change({ ...restFor(HOUR_MS), model: 'slow' });
    await setClockBack(-HOUR_MS / 2);
    await scene.restart();
    const pool = scene.get(PoolRegistry).find(channelId);
    expect(['slow', 'quick'].map((model) => pool?.ringFor(model).has(0))).toEqual([false, true]);
    const leftMs = (pool?.health.soonestMs('slow') ?? NaN) - scene.clock.nowMs();
    expect(leftMs).toBeLessThanOrEqual(HOUR_MS / 2);
    expect(leftMs).toBeGreaterThan(HOUR_MS / 2 - SLACK_MS);
    await scene.pass(channelId, HOUR_MS / 2);
    expect(pool?.ringFor('slow').has(0)).toBe(true);
  });
});
