import { ChannelNotFoundError } from '../../src/channels/channels.errors';
import { KEY_STATES, type KeyState, STATUS_OF_STATE } from '../../src/keys/key-state';
import { KeySwitch } from '../../src/keys/key-switch';
import type { KeyTransition } from '../../src/keys/key-transition';
import { KeyTransitions } from '../../src/keys/key-transitions';
import { type KeyRow, keyRows, REASON, transitionOf } from '../support/key-state-rows';
import { KeyStateScene } from '../support/key-state-scene';

const HOUR_MS = 3_600_000;
/** Far longer than a test may take, and far shorter than the times that are stored. */
const SLACK_MS = 300_000;

describe(KeyTransitions, () => {
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

  async function rows(ofChannel = channelId): Promise<KeyRow[]> {
    return keyRows(scene, ofChannel);
  }

  async function events(): Promise<unknown[]> {
    return scene.query(
      `SELECT key_id::int AS id, from_state, to_state, code, detail, http_status, model, actor, until IS NOT NULL AS ends
       FROM key_events WHERE channel_id = $1 ORDER BY id`,
      [channelId],
    );
  }

  /** A transition of this key as it is now. */
  async function aTransition(place: number, fields: Partial<KeyTransition> = {}): Promise<KeyTransition> {
    return transitionOf((await rows())[place], fields);
  }

  async function apply(...transitions: readonly KeyTransition[]): Promise<number[]> {
    const { keyIds } = await scene.get(KeyTransitions).apply(channelId, transitions);
    return [...keyIds];
  }

  /** Puts a key into a state past all rules. */
  async function force(place: number, state: KeyState): Promise<void> {
    const id = (await rows())[place]?.id;
    await scene.query('UPDATE channel_keys SET state = $2, status = $3 WHERE id = $1', [
      id,
      state,
      STATUS_OF_STATE[state],
    ]);
  }

  it('stores a change with its reason, its event, and times by the clock of the database', async () => {
    const transition = await aTransition(1, {
      to: 'exhausted',
      lastsMs: HOUR_MS,
      probeInMs: 2 * HOUR_MS,
      failedProbes: 3,
    });
    expect(await apply(transition)).toEqual([transition.keyId]);
    const [first, changed, last] = await rows();
    expect(changed).toMatchObject({
      state: 'exhausted',
      status: 3,
      code: 'invalid_api_key',
      detail: 'Incorrect key',
    });
    expect(changed).toMatchObject({ http: 401, model: 'gpt-4o', failed: 3 });
    expect(Math.abs((changed?.lasts_ms ?? 0) - HOUR_MS)).toBeLessThan(SLACK_MS);
    expect(Math.abs((changed?.probe_ms ?? 0) - 2 * HOUR_MS)).toBeLessThan(SLACK_MS);
    expect([first?.state, last?.state]).toEqual(['active', 'active']);
    const { code, detail, httpStatus: http_status, model } = REASON;
    const event = { from_state: 'active', to_state: 'exhausted', code, detail, http_status, model, actor: 'traffic' };
    expect(await events()).toEqual([{ id: transition.keyId, ...event, ends: true }]);
  });

  it('stores nothing of a key that has changed since it was seen', async () => {
    const late = await aTransition(0);
    await scene.get(KeySwitch).switch(channelId, { by: 'index', indices: [0] }, false);
    await scene.get(KeySwitch).switch(channelId, { by: 'index', indices: [0] }, true);
    const before = await rows();
    expect(await apply(late)).toEqual([]);
    expect((await rows()).map(({ state, revision }) => ({ state, revision }))).toEqual(
      before.map(({ state, revision }) => ({ state, revision })),
    );
    expect(await events()).toHaveLength(2);
  });

  it('gives a changed key a new revision, so that what was seen before holds no longer', async () => {
    const first = await aTransition(0);
    const { keyIds, revision } = await scene.get(KeyTransitions).apply(channelId, [first]);
    expect([keyIds, (await rows())[0]?.revision]).toEqual([new Set([first.keyId]), String(revision)]);
    expect(await apply({ ...first, to: 'dead' })).toEqual([]);
    expect(await apply({ ...first, revision, to: 'dead' })).toEqual([first.keyId]);
    expect((await rows())[0]).toMatchObject({ state: 'dead', lasts_ms: null, probe_ms: null });
  });

  it.each(['manual', 'unreadable'] as const)('never moves a key that is %s', async (state) => {
    await force(0, state);
    for (const to of KEY_STATES) expect(await apply(await aTransition(0, { to }))).toEqual([]);
    expect([(await rows())[0]?.state, await events()]).toEqual([state, []]);
  });

  it.each(KEY_STATES)('never switches a key off by hand that is %s', async (state) => {
    await force(0, state);
    expect(await apply(await aTransition(0, { to: 'manual' }))).toEqual([]);
  });

  it('changes many keys to many states at once, each by its own', async () => {
    channelId = await scene.openChannel(3_000);
    const targets = ['suspect', 'cooling', 'exhausted', 'dead', 'active'] as const;
    const all = (await rows()).map((row, place) =>
      transitionOf(row, { to: targets[place % 5] ?? 'dead', code: `code_${place}` }),
    );
    const stale = all.map((transition, place) => (place % 7 === 0 ? { ...transition, revision: 0 } : transition));
    const changed = new Set(await apply(...stale));
    const after = await rows();
    for (const [place, { id, state, code }] of after.entries()) {
      const isChanged = place % 7 !== 0 && place % 5 !== 4;
      expect([changed.has(Number(id)), state, code]).toEqual(
        isChanged ? [true, targets[place % 5], `code_${place}`] : [false, 'active', null],
      );
    }
    expect(await events()).toHaveLength(changed.size);
  });

  it('leaves a key of another channel alone', async () => {
    const foreign = await aTransition(0);
    const other = channelId;
    channelId = await scene.openChannel(1);
    expect(await apply(foreign)).toEqual([]);
    expect((await rows(other))[0]?.state).toBe('active');
  });

  it('leaves a deleted key alone', async () => {
    const late = await aTransition(0);
    await scene.get(KeySwitch).delete(channelId, [0]);
    const { revision } = await aTransition(0);
    expect(await apply({ ...late, revision })).toEqual([]);
  });

  it('brings the channel down with its last key and up with its first', async () => {
    const status = async (): Promise<unknown> =>
      (await scene.query<{ status: number }>('SELECT status FROM channels WHERE id = $1', [channelId]))[0]?.status;
    for (const place of [0, 1, 2]) await apply(await aTransition(place, { to: 'dead' }));
    expect(await status()).toBe(3);
    await apply(await aTransition(1, { to: 'active' }));
    expect(await status()).toBe(1);
  });

  it('takes nothing for a channel that is gone', async () => {
    await expect(scene.get(KeyTransitions).apply(999_999, [await aTransition(0)])).rejects.toThrow(
      ChannelNotFoundError,
    );
  });
});
