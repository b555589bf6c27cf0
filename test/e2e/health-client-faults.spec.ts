import { setImmediate as nextTurn } from 'node:timers/promises';
import { ChannelDirectory } from '../../src/channels/channel-directory';
import { PROVIDER_TYPES } from '../../src/channels/provider-type';
import { Clock } from '../../src/common/clock';
import { KeyHealth } from '../../src/health/key-health';
import { RefusedAnswer } from '../../src/relay/answer/refused-answer';
import { RequestFailures } from '../../src/relay/retry/request-failures';
import { KeySelector } from '../../src/selector/key-selector';
import { eventually } from '../support/eventually';
import type { Answer } from '../support/fake-upstream-replies';
import { replies } from '../support/fake-upstream-replies';
import { drawFault, poisonedText, seededDraw } from '../support/health-client-faults';
import { HealthContext } from '../support/health-context';
import { type HealthCast, HealthScene } from '../support/health-scene';
import { askAll, countBy } from '../support/health-traffic';
import { openSocket, rawPost } from '../support/raw-connection';
import { chatBody } from '../support/relay-client';

const FAULTS = 100_000;
const FAULTS_OVER_HTTP = 3_000;
const TURN = 1_000;
const KEYS = 10;
const MODEL = 'gpt-4o';

// Printed where a test fails, so that its faults can be drawn again.
const SEED = Date.now() % 1_000_000;

describe(`callers at fault (seed ${SEED})`, () => {
  const draw = seededDraw(SEED);
  let scene: HealthScene;

  beforeAll(async () => {
    scene = await HealthScene.start({ KEY_PROBE_SUSPECT_MS: '100', KEY_PROBES_PER_SECOND: '100' });
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  /** Fails unless nothing has become of the channel and its keys while `work` was done. */
  async function expectNothingBecomesOf({ view }: HealthCast, work: () => Promise<void>): Promise<void> {
    const before = await view.stored();
    await work();
    // Long enough for whatever is queued to be stored, and for probes to come back.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await view.stored()).toEqual(before);
    expect(await view.statesEntered()).toEqual(new Set());
    expect((await view.channel()).breaker).toMatchObject({ state: 'closed', reason: null });
    expect(await view.coolingKeys()).toBe(0);
    expect(scene.upstream.probes).toEqual([]);
  }

  const fault: Answer = (exchange) => {
    const { status, contentType, body } = drawFault(draw);
    exchange.send(status, body, { 'content-type': contentType });
  };

  it.each(PROVIDER_TYPES)('change no key of type %s, whatever their requests put into its answers', async (type) => {
    const cast = await scene.serve(KEYS, { type });
    await expectNothingBecomesOf(cast, async () => {
      const context = await HealthContext.beside(scene.app);
      try {
        await runFaults(context, cast.view.channelId, FAULTS / PROVIDER_TYPES.length);
      } finally {
        await context.stop();
      }
    });
  });

  async function runFaults(context: HealthContext, channelId: number, count: number): Promise<void> {
    const [health, selector, clock] = [context.get(KeyHealth), context.get(KeySelector), context.get(Clock)];
    const channel = context.get(ChannelDirectory).find(channelId);
    if (!channel) throw new Error(`Channel ${channelId} is not in the directory`);
    for (let number = 0; number < count; number++) {
      const key = selector.lease(channel, [], MODEL);
      // Whatever took a key out would show here at once.
      if (key?.index !== number % KEYS) throw new Error(`Fault ${number} met key ${key?.index}`);
      const attempt = { channel, key, model: MODEL, startedAtMs: clock.nowMs() };
      const answer = refusedAnswer(key.secret);
      const verdict = health.judge(channel, answer.evidence);
      if (verdict.kind !== 'REQUEST') throw new Error(`${verdict.rule} took ${JSON.stringify(answer.evidence)}`);
      new RequestFailures(health).add(attempt, { verdict, answer, transport: null });
      if (number % TURN === 0) await nextTurn();
    }
    expect(health.outlook([channel], MODEL)).toMatchObject({ usable: KEYS, cooling: 0, suspect: 0, pausedChannels: 0 });
  }

  function refusedAnswer(secret: string): RefusedAnswer {
    const { status, contentType, body } = drawFault(draw);
    const rawHeaders = [Buffer.from('content-type'), Buffer.from(contentType)];
    return new RefusedAnswer({ status, rawHeaders, body: Buffer.from(body), isWhole: true }, secret);
  }

  it('change no key over HTTP, streaming or not', async () => {
    const cast = await scene.serve(KEYS);
    scene.upstream.answer(fault);
    await expectNothingBecomesOf(cast, async () => {
      const answers = await askAll(cast.relay, { count: FAULTS_OVER_HTTP, concurrency: 20 });
      const strange = answers.filter(({ status }) => status < 400 || status >= 500 || status === 429);
      expect(strange).toEqual([]);
      expect(scene.upstream.ledger.length).toBe(FAULTS_OVER_HTTP);
    });
    expect([...countBy(scene.upstream.keysUsed(), (key) => key).values()]).toEqual(
      Array(KEYS).fill(FAULTS_OVER_HTTP / KEYS),
    );
    scene.upstream.reset();
    await scene.checkPolling(cast);
  });

  it('change no key when an error comes within a 200, or as the first event of a stream', async () => {
    const cast = await scene.serve(KEYS);
    scene.upstream.answer((exchange) => {
      const error = {
        message: poisonedText(draw),
        type: 'invalid_request_error',
        param: poisonedText(draw),
        code: null,
      };
      const answer =
        exchange.json?.['stream'] === true
          ? replies.events([`data: ${JSON.stringify({ error })}\n\n`])
          : replies.json(200, { error });
      return answer(exchange);
    });
    await expectNothingBecomesOf(cast, async () => {
      const answers = await askAll(cast.relay, { count: 300, concurrency: 20 });
      expect(countBy(answers, ({ status }) => status)).toEqual(new Map([[400, 300]]));
    });
    scene.upstream.reset();
    await scene.checkPolling(cast);
  });

  it('change no key by making up models, and bench none of them for others', async () => {
    const cast = await scene.serve(KEYS);
    scene.upstream.answer((exchange) =>
      (exchange.json?.['model'] === MODEL ? replies.normal() : replies.status(404, { message: poisonedText(draw) }))(
        exchange,
      ),
    );
    await expectNothingBecomesOf(cast, async () => {
      const fields = (): object => ({ model: poisonedText(draw).slice(0, 150) });
      const answers = await askAll(cast.relay, { count: 300, concurrency: 10, fields });
      // Names that hold control characters are none at all.
      expect(answers.filter(({ status }) => status !== 404 && status !== 400)).toEqual([]);
      await scene.checkPolling(cast);
    });
  });

  it('change no row of a key that lacks a model, which serves all the others', async () => {
    const cast = await scene.serve(KEYS);
    const [poor = ''] = cast.keys;
    scene.upstream.answerKey(poor, (exchange) =>
      (exchange.json?.['model'] === MODEL ? replies.normal() : replies.status(404))(exchange),
    );
    await expectNothingBecomesOf(cast, async () => {
      const indices = await scene.indicesOf(cast, 40, { model: 'rare' });
      expect(indices.filter((index) => index === 0)).toHaveLength(1);
      await scene.checkPolling(cast);
    });
  });

  it('hear from the only key each time that their model does not exist', async () => {
    const { relay } = await scene.serve(1);
    scene.upstream.answer(replies.status(404));
    const answers = await askAll(relay, { count: 3, concurrency: 1 });
    expect(answers.map(({ status, code }) => [status, code])).toEqual(Array(3).fill([404, 'model_not_found']));
  });

  it('change no key by leaving, at whatever moment', async () => {
    const cast = await scene.serve(KEYS);
    const moments: Answer[] = [
      replies.hang(),
      replies.hangAfterHeaders(),
      replies.hangAfterHeaders('application/json'),
      (exchange) => replies.hangMidStream([poisonedText(draw), poisonedText(draw)])(exchange),
      (exchange) => replies.trickle(poisonedText(draw), 5)(exchange),
      replies.after(20, fault),
    ];
    scene.upstream.answer((exchange) => moments[Math.floor(draw() * moments.length)]?.(exchange));
    await expectNothingBecomesOf(cast, async () => {
      await Promise.all(Array.from({ length: 20 }, () => leaveAgainAndAgain(cast, 25)));
      await eventually(() => {
        expect(scene.upstream.ledger.filter(({ endedAt }) => endedAt === null)).toEqual([]);
      });
    });
    expect(scene.upstream.ledger.filter(({ aborted }) => aborted).length).toBeGreaterThan(100);
    scene.upstream.reset();
    // Requests of those who left may still be on their way.
    await eventually(() => scene.checkPolling(cast));
  });

  /** A caller who goes away some time after he has sent his request, or the half of it. */
  async function leaveAgainAndAgain({ relay }: HealthCast, times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      const content = poisonedText(draw);
      const body = chatBody({ stream: draw() < 0.5, messages: [{ role: 'user', content }] });
      const request = rawPost('/v1/chat/completions', relay.token, body);
      const socket = await openSocket(relay.baseUrl);
      socket.resume();
      socket.write(draw() < 0.2 ? request.slice(0, -body.length / 2) : request);
      await new Promise((resolve) => setTimeout(resolve, draw() * 80));
      if (draw() < 0.5) socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  it('do not have the channel rested by conflicts among their other faults', async () => {
    const cast = await scene.serve(KEYS);
    scene.upstream.answer((exchange) =>
      draw() < 0.1 ? replies.status(409, { message: poisonedText(draw) })(exchange) : fault(exchange),
    );
    await expectNothingBecomesOf(cast, async () => {
      await askAll(cast.relay, { count: 600, concurrency: 5 });
    });
  });
});
