import { gzipSync } from 'node:zlib';
import { HttpService } from '@nestjs/axios';
import { ModelMapping } from '../../src/channels/model-mapping';
import { SystemClock } from '../../src/common/clock';
import type { AppConfig } from '../../src/config/app-config';
import { UpstreamAllow } from '../../src/config/upstream-allow';
import { OwnRequests } from '../../src/health/own-requests';
import { type ProbeAsk, type ProbeOutcome, UpstreamProbe } from '../../src/health/probe/upstream-probe';
import type { KeyUpstream, RevealedKey } from '../../src/keys/key-reader';
import { FakeUpstream } from '../support/fake-upstream';
import { replies } from '../support/fake-upstream-replies';
import { aKey } from '../support/keys';
import { closedAddress } from '../support/relay-scene';

const MODELS = { object: 'list', data: [{ id: 'gpt-4o' }] };
const MEBIBYTE = 1024 * 1024;

describe(UpstreamProbe, () => {
  let upstream: FakeUpstream;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
  });

  beforeEach(() => {
    upstream.reset();
  });

  afterAll(async () => {
    await upstream.stop();
  });

  function aRevealedKey(parts: Partial<KeyUpstream> = {}, state: RevealedKey['state'] = 'suspect'): RevealedKey {
    return {
      keyId: 1,
      index: 0,
      mask: 'sk-test...abcd',
      secret: aKey(0),
      revision: 1,
      state,
      reason: { code: null, detail: null, httpStatus: null, model: null },
      failedProbes: 0,
      upstream: {
        baseUrl: upstream.baseUrl,
        type: 'openai',
        proxy: null,
        models: ['gpt-4o'],
        modelMapping: new ModelMapping({}),
        headerOverride: new Map(),
        settings: {},
        ...parts,
      },
    };
  }

  function send(
    key: RevealedKey,
    ask: ProbeAsk = { depth: 'free' },
    { allow = '127.0.0.1', timeoutMs = 60_000, signal = new AbortController().signal } = {},
  ): Promise<ProbeOutcome> {
    const config = { upstreamAllow: UpstreamAllow.parse(allow), keyProbeTimeoutMs: timeoutMs } as AppConfig;
    return new UpstreamProbe(new OwnRequests(new HttpService(), config), config, new SystemClock()).send(
      key,
      ask,
      signal,
    );
  }

  function asked(): string[] {
    return upstream.probes.map(({ method, path }) => `${method} ${path}`);
  }

  it('finds a good key good, by a list of models', async () => {
    const outcome = await send(aRevealedKey());
    expect(outcome).toMatchObject({ depth: 'free', verdict: null, said: null, httpStatus: 200, hintMs: null });
    expect(asked()).toEqual(['GET /v1/models']);
  });

  it('reads compressed lists, and lists that are longer than it reads', async () => {
    const json = JSON.stringify(MODELS);
    const long = `{"data":[${Array.from({ length: 2 * MEBIBYTE }, () => '1').join(',')}]}`;
    const headers = { 'content-type': 'application/json' };
    upstream.answerNextProbe(
      replies.raw((exchange) => {
        exchange.send(200, gzipSync(json), { ...headers, 'content-encoding': 'gzip' });
      }),
      replies.raw((exchange) => {
        exchange.send(200, long, headers);
      }),
      replies.raw((exchange) => {
        exchange.send(200, gzipSync(long), { ...headers, 'content-encoding': 'gzip' });
      }),
    );
    for (let round = 0; round < 3; round++) expect(await send(aRevealedKey())).toMatchObject({ verdict: null });
  });

  it('calls where models cannot be listed, and says so', async () => {
    upstream.answerNextProbe(replies.json(404, { error: { message: 'Not found' } }));
    const outcome = await send(aRevealedKey({ models: ['a', 'b'], modelMapping: new ModelMapping({ a: 'gpt-4o' }) }));
    expect(outcome).toMatchObject({ depth: 'call', verdict: null });
    expect(asked()).toEqual(['GET /v1/models', 'POST /v1/chat/completions']);
    expect(JSON.parse(String(upstream.probes[1]?.body))).toMatchObject({ model: 'gpt-4o', max_tokens: 1 });
  });

  it('says that it cannot find out where there is neither a list nor a model', async () => {
    upstream.answer(replies.html(404));
    const outcome = await send(aRevealedKey({ models: [] }));
    expect(outcome.verdict).toMatchObject({ kind: 'AMBIGUOUS', code: 'probe_unsupported' });
  });

  it('prefers the model that is set for tests, and that which an admin names', async () => {
    const key = aRevealedKey({ settings: { test_model: 'set' } });
    await send(key, { depth: 'call' });
    await send(key, { depth: 'call', model: 'named' });
    const models = upstream.probes.map(({ body }) => (JSON.parse(String(body)) as { model: string }).model);
    expect(models).toEqual(['set', 'named']);
  });

  it('tells a key that is refused, without quoting it', async () => {
    const message = `The key ${aKey(0)} and ${aKey(1)} are wrong`;
    upstream.answer(replies.status(401, { message, code: 'invalid_api_key' }));
    const outcome = await send(aRevealedKey());
    expect(outcome.verdict).toMatchObject({ kind: 'KEY_DEAD', code: 'invalid_api_key' });
    expect(outcome.verdict?.message).toMatch(/^The key sk-test\.\.\.abcd and sk-test\.\.\.abcd are wrong$/);
    expect(JSON.stringify(outcome)).not.toContain(aKey(0));
  });

  it('reads how long a limited key is to wait', async () => {
    upstream.answer(replies.status(429, { headers: { 'retry-after': '20' } }));
    expect(await send(aRevealedKey())).toMatchObject({ verdict: { kind: 'KEY_RATE' }, hintMs: 20_000 });
  });

  it('asks DeepSeek for the balance of an exhausted key', async () => {
    upstream.answerNextProbe(
      replies.json(200, { is_available: false, balance_infos: [] }),
      replies.json(200, { is_available: true, balance_infos: [] }),
    );
    const key = aRevealedKey({ type: 'deepseek', baseUrl: `${upstream.baseUrl}/v1` }, 'exhausted');
    expect((await send(key)).verdict).toMatchObject({ kind: 'KEY_EXHAUSTED' });
    expect((await send(key)).verdict).toBeNull();
    expect(asked()).toEqual(['GET /user/balance', 'GET /user/balance']);
  });

  it('finds out by a call whether another exhausted key is back', async () => {
    upstream.answer((exchange) => {
      const isCall = exchange.entry.method === 'POST';
      exchange.sendJson(
        isCall ? 429 : 200,
        isCall ? { error: { message: 'Pay', code: 'insufficient_quota' } } : MODELS,
      );
    });
    expect(await send(aRevealedKey({}, 'exhausted'))).toMatchObject({
      depth: 'call',
      verdict: { kind: 'KEY_EXHAUSTED' },
    });
  });

  it('follows no redirect', async () => {
    upstream.answer(replies.redirect(`${upstream.baseUrl}/elsewhere`));
    expect(await send(aRevealedKey())).toMatchObject({ httpStatus: 302, verdict: { kind: 'CHANNEL' } });
    expect(upstream.probes).toHaveLength(1);
  });

  it('blames the channel when no answer comes', async () => {
    upstream.answer(replies.reset());
    const noAnswer = { httpStatus: null, verdict: { kind: 'CHANNEL' } };
    expect(await send(aRevealedKey())).toMatchObject({ ...noAnswer, verdict: { code: 'econnreset' } });
    expect(await send(aRevealedKey({ baseUrl: await closedAddress() }))).toMatchObject(noAnswer);
  });

  it('blames the channel for an answer that breaks off', async () => {
    for (const half of [replies.truncated(), replies.truncatedGzip()]) {
      upstream.answer(half);
      expect(await send(aRevealedKey())).toMatchObject({ verdict: { kind: 'CHANNEL' } });
    }
  });

  it('waits no longer than it is told, for the head or for the rest', async () => {
    for (const never of [replies.hang(), replies.hangAfterHeaders('application/json')]) {
      upstream.answer(never);
      const outcome = await send(aRevealedKey(), { depth: 'free' }, { timeoutMs: 200 });
      expect(outcome).toMatchObject({ httpStatus: null, verdict: { kind: 'CHANNEL', code: 'etimedout' } });
    }
  });

  it('breaks off at a signal', async () => {
    upstream.answer(replies.hang());
    const controller = new AbortController();
    const sent = send(aRevealedKey(), { depth: 'free' }, { signal: controller.signal });
    controller.abort();
    expect(await sent).toMatchObject({ httpStatus: null });
  });

  it('sends nothing to an address that may not be used', async () => {
    const outcome = await send(aRevealedKey(), { depth: 'free' }, { allow: '' });
    expect(outcome.verdict).toMatchObject({ kind: 'CHANNEL', code: 'keymux_address_refused' });
    expect(upstream.probes).toHaveLength(0);
  });
});
