import { eventually } from '../support/eventually';
import { type Answer, replies } from '../support/fake-upstream-replies';
import { type HealthCast, HealthScene } from '../support/health-scene';
import { ask, type CallerAnswer, countBy } from '../support/health-traffic';
import { goThrough, onCallsAlone, rateLimitUntil, type Trouble, type TroublePlan } from '../support/health-trouble';

const SECOND_MS = 1_000;
const TROUBLE: Omit<TroublePlan, 'failing'> = { lastsMs: 5 * SECOND_MS, callers: 10, pauseMs: 50 };
// Until the witnesses are heard each caller may come again.
const CALLERS_TRIES = 2 * 3 * TROUBLE.callers;
const BANS = ['suspect', 'exhausted', 'dead'];

// Rounding up by the upstream and by us, a tenth of the trouble as jitter, and a trial that has yet to come back.
const TOO_LONG_BY_MS = 6 * SECOND_MS;
const WHOLE_WITHIN_MS = 15 * SECOND_MS;

describe('when every key fails', () => {
  let scene: HealthScene;

  beforeAll(async () => {
    scene = await HealthScene.start({
      KEY_PROBE_SUSPECT_MS: '500',
      KEY_PROBE_DEAD_MS: '1000',
      KEY_BREAKER_OPEN_MS: '500',
      KEY_PROBES_PER_SECOND: '20',
    });
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  describe.each([8, 100])('in a pool of %i', (size) => {
    it.each<[string, TroublePlan['failing'], string]>([
      ['of rate limits, tells callers how long to wait', rateLimitUntil, 'open KEY_RATE'],
      ['of rate limits on calls alone, too', (endsAtMs) => onCallsAlone(rateLimitUntil(endsAtMs)), 'closed null'],
    ])('because %s, bans none and is soon whole again', async (_, failing, breaker) => {
      const cast = await scene.serve(size);
      const trouble = await goThrough(scene, cast, { ...TROUBLE, failing });
      const { answers, watch, endedAtMs, attempts, wholeAfterMs } = trouble;
      expectOnly(refusalsIn(answers), '429 all_keys_cooling');
      expect(untrueAdvice(refusalsIn(answers), endedAtMs)).toEqual([]);
      expect(attempts).toBeLessThanOrEqual(size + CALLERS_TRIES);
      expect(wholeAfterMs).toBeLessThan(WHOLE_WITHIN_MS);
      expect(watch.breakers.map(({ state, reason }) => `${state} ${reason}`)).toContain(breaker);
      await expectNoBans(cast, trouble);
    });

    const refused = replies.status(401);

    it.each<[string, Answer, Partial<TroublePlan>]>([
      ['to many callers', refused, {}],
      ['to one caller now and then', refused, { callers: 1, pauseMs: 300 }],
      ['on calls alone', onCallsAlone(refused), {}],
    ])(
      'because of 401s %s, bans few for a moment and rests the channel until it is whole',
      async (_, answer, crowd) => {
        const cast = await scene.serve(size, { models: ['gpt-4o'] });
        const trouble = await goThrough(scene, cast, { ...TROUBLE, ...crowd, failing: () => answer });
        const { answers, watch, attempts, wholeAfterMs } = trouble;
        expectOnly(refusalsIn(answers), '503 no_available_key');
        expect(watch.mostOut).toBeLessThanOrEqual(size / 4);
        expect(watch.breakers).toContainEqual(
          expect.objectContaining({ state: 'open', reason: 'KEY_DEAD', code: 'invalid_api_key' }),
        );
        expect(attempts).toBeLessThanOrEqual(size + CALLERS_TRIES);
        expect(wholeAfterMs).toBeLessThan(WHOLE_WITHIN_MS);
      },
    );

    it('because of 401s with a page, touches no key and rests the channel', async () => {
      const cast = await scene.serve(size);
      const before = await cast.view.stored();
      const trouble = await goThrough(scene, cast, { ...TROUBLE, failing: () => replies.html(401) });
      const { answers, watch, attempts, wholeAfterMs } = trouble;
      expect(refusalsIn(answers).filter(({ status }) => status !== 502 && status !== 503)).toEqual([]);
      expect(watch.breakers).toContainEqual(expect.objectContaining({ state: 'open', reason: 'CHANNEL' }));
      expect(await cast.view.stored()).toEqual(before);
      expect(attempts).toBeLessThanOrEqual(20 + CALLERS_TRIES);
      expect(wholeAfterMs).toBeLessThan(WHOLE_WITHIN_MS);
      await expectNoBans(cast, trouble);
    });
  });

  it('sends callers away for no longer than needed while it is being found out whether it is over', async () => {
    const { relay, view } = await scene.serve(8);
    scene.upstream.answer(replies.status(429, { headers: { 'retry-after': '1' } }));
    await eventually(async () => {
      await ask(relay);
      expect((await view.channel()).breaker.state).toBe('open');
    });
    scene.upstream.answer(replies.after(2 * SECOND_MS, replies.normal()));
    await eventually(async () => {
      expect((await view.channel()).breaker.state).toBe('half-open');
    });
    const refused = await ask(relay);
    expect(refused).toMatchObject({ status: 429, code: 'all_keys_cooling' });
    expect(refused.retryAfterS).toBeLessThanOrEqual(30);
  });

  it('takes the channel along when there is but one key, and brings it back', async () => {
    const { keys, relay, view } = await scene.serve(1);
    const [only = ''] = keys;
    scene.upstream.killKey(only);
    expect(await ask(relay)).toMatchObject({ status: 503, code: 'no_available_key' });
    await eventually(async () => {
      expect(await view.channel()).toMatchObject({ status: 3, breaker: { state: 'closed' } });
    });
    expect(await view.key(0)).toMatchObject({ status: 3, disabled_code: 'invalid_api_key' });
    expect(await ask(relay)).toMatchObject({ status: 503, code: 'no_available_key' });
    expect(scene.upstream.ledger.length).toBe(1);
    scene.upstream.reviveKey(only);
    await eventually(async () => {
      expect((await view.channel()).status).toBe(1);
    });
    expect(await view.key(0)).toMatchObject({ status: 1, disabled_code: null, next_probe_at: null });
    expect((await ask(relay)).status).toBe(200);
  });
});

describe('30 s of rate limits that do not say how long they last', () => {
  let scene: HealthScene;

  beforeAll(async () => {
    scene = await HealthScene.start({});
  });

  afterAll(() => scene.stop());

  it('ban no key, and leave the pool whole within seconds of their end', async () => {
    const rateLimited: Answer = replies.status(429);
    const troubles = [rateLimited, onCallsAlone(rateLimited)].map(async (failing) => {
      const cast = await scene.serve(8);
      const plan = { lastsMs: 30 * SECOND_MS, callers: 5, pauseMs: 200, failing: () => failing };
      return { cast, trouble: await goThrough(scene, cast, plan) };
    });
    for (const { cast, trouble } of await Promise.all(troubles)) {
      const refusals = refusalsIn(trouble.answers);
      expectOnly(refusals, '429 all_keys_cooling');
      expect(refusals.filter(({ retryAfterS }) => !isInRange(retryAfterS))).toEqual([]);
      expect(trouble.wholeAfterMs).toBeLessThan(WHOLE_WITHIN_MS);
      await expectNoBans(cast, trouble);
    }
  });
});

function refusalsIn(answers: readonly CallerAnswer[]): CallerAnswer[] {
  return answers.filter(({ status }) => status !== 200);
}

/** Fails unless callers were refused, and all of them so. */
function expectOnly(refusals: readonly CallerAnswer[], expected: string): void {
  expect(refusals.length).toBeGreaterThan(0);
  expect(countBy(refusals, ({ status, code }) => `${status} ${code}`)).toEqual(new Map([[expected, refusals.length]]));
}

/**
 * The refusals that send their caller away for too short or too long a time. Where there were keys that had not been
 * tried, to come again at once was right.
 */
function untrueAdvice(refusals: readonly CallerAnswer[], endedAtMs: number): CallerAnswer[] {
  return refusals.filter(({ answeredAtMs, retryAfterS, text }) => {
    if (/: [1-9]\d* more usable/.test(text)) return retryAfterS !== 1;
    const backAtMs = answeredAtMs + (retryAfterS ?? 0) * SECOND_MS;
    const isTrue = backAtMs >= endedAtMs - SECOND_MS && backAtMs <= endedAtMs + TOO_LONG_BY_MS;
    return !isTrue || !isInRange(retryAfterS);
  });
}

function isInRange(retryAfterS: number | null): boolean {
  return retryAfterS !== null && retryAfterS >= 1 && retryAfterS <= 60;
}

async function expectNoBans({ view }: HealthCast, { watch }: Trouble): Promise<void> {
  expect(watch.mostOut).toBe(0);
  const entered = await view.statesEntered();
  expect(BANS.filter((state) => entered.has(state))).toEqual([]);
}
