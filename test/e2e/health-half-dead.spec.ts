import { setTimeout as sleep } from 'node:timers/promises';
import {
  attemptsPerRequest,
  ChurnLoad,
  either,
  inItsTime,
  keysByCaller,
  lostRequests,
  successShare,
} from '../support/churn-load';
import { runSql } from '../support/database-rows';
import { replies } from '../support/fake-upstream-replies';
import { aKey, someKeys } from '../support/keys';
import { RelayScene } from '../support/relay-scene';

const NUMBERS = [...Array(20).keys()];
const [POLLING, RANDOM] = [0, 1];
const POLL_MS = 50;

const FIRST_HALF = NUMBERS.filter((number) => number < 10);
const EVERY_SECOND = NUMBERS.filter((number) => number % 2 === 0);

describe('a pool of which half is dead and a tenth fails every other time', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start({ KEY_PROBE_SUSPECT_MS: '1000' });
  });

  beforeEach(() => {
    scene.upstream.reset();
    scene.upstream.answer(inItsTime(replies.normal()));
  });

  afterAll(() => scene.stop());

  async function areOut(channelId: number | undefined, dead: readonly number[]): Promise<boolean> {
    await sleep(POLL_MS);
    const alive = await runSql(
      scene.app.databaseUrl,
      "SELECT position FROM channel_keys WHERE channel_id = $1 AND position = ANY($2::int[]) AND state <> 'dead'",
      [channelId, dead],
    );
    return alive.length === 0;
  }

  /** The dead keys and, of the others, the last two, which fail by chance. */
  function spoil(dead: readonly number[]): void {
    const flapping = either(0.5, inItsTime(replies.status(500)), inItsTime(replies.normal()));
    for (const number of dead) scene.upstream.answerKey(aKey(number), inItsTime(replies.status(401)));
    const alive = NUMBERS.filter((number) => !dead.includes(number));
    for (const number of alive.slice(-2)) scene.upstream.answerKey(aKey(number), flapping);
  }

  it.each([
    ['polling, a row of them dead', { mode: POLLING, dead: FIRST_HALF, concurrency: 50, servedBefore: 0 }],
    ['polling, every second one dead', { mode: POLLING, dead: EVERY_SECOND, concurrency: 20, servedBefore: 0 }],
    ['polling, dying as they serve', { mode: POLLING, dead: FIRST_HALF, concurrency: 20, servedBefore: 200 }],
    ['picking at random', { mode: RANDOM, dead: FIRST_HALF, concurrency: 50, servedBefore: 0 }],
  ])('serves 99.9 %% of callers, and soon hardly any at the second try: %s', async (_, pool) => {
    const { mode, dead, concurrency, servedBefore } = pool;
    const keys = someKeys(NUMBERS.length);
    const { relay, channelIds } = await scene.serve({ keys, is_multi_key: true, key_selection_mode: mode });
    const load = new ChurnLoad(relay);
    await load.run(servedBefore, concurrency);
    spoil(dead);
    await load.run(1_000, concurrency);
    await load.runUntil(() => areOut(channelIds[0], dead), concurrency);
    const detectedAt = scene.upstream.ledger.length;
    const since = await load.run(4_000, concurrency);
    const share = successShare(load.outcomes);
    expect({ share, lost: share < 0.999 ? lostRequests(load.outcomes, scene.upstream.ledger) : [] }).toEqual({
      share,
      lost: [],
    });
    expect(attemptsPerRequest(since, scene.upstream.ledger)).toBeLessThanOrEqual(1.05);
    const usedSince = new Set(scene.upstream.keysUsed().slice(detectedAt));
    expect(dead.filter((number) => usedSince.has(aKey(number)))).toEqual([]);
    for (const tried of keysByCaller(scene.upstream.ledger).values()) {
      expect(tried.length).toBeLessThanOrEqual(3);
      expect(new Set(tried).size).toBe(tried.length);
    }
  });
});
