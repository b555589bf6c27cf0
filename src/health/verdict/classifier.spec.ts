import * as fc from 'fast-check';
import { ANTHROPIC_VECTORS } from '../../../test/support/verdict-vectors/anthropic';
import { AZURE_VECTORS } from '../../../test/support/verdict-vectors/azure';
import { DEEPSEEK_VECTORS } from '../../../test/support/verdict-vectors/deepseek';
import { GEMINI_VECTORS } from '../../../test/support/verdict-vectors/gemini';
import { GENERIC_VECTORS } from '../../../test/support/verdict-vectors/generic';
import { OPENAI_VECTORS } from '../../../test/support/verdict-vectors/openai';
import { POISON } from '../../../test/support/verdict-vectors/poison';
import { answerOf, jsonAnswer } from '../../../test/support/verdict-vectors/verdict-vector';
import type { VerdictOverride } from '../../channels/health-settings';
import { PROVIDER_TYPES } from '../../channels/provider-type';
import { classify, classifyTransport } from './classifier';
import { RULE_BOOKS } from './rule-book';
import { VERDICT_KINDS } from '../../channels/verdict-kinds';

const VECTORS = [
  ...OPENAI_VECTORS,
  ...AZURE_VECTORS,
  ...ANTHROPIC_VECTORS,
  ...GEMINI_VECTORS,
  ...DEEPSEEK_VECTORS,
  ...GENERIC_VECTORS,
];

describe(classify, () => {
  it.each(VECTORS)('$provider $status: $title', (vector) => {
    expect(classify(vector.provider, answerOf(vector), [])).toMatchObject(vector.verdict);
  });

  it('has a vector for every rule of every table', () => {
    const tested = new Set(VECTORS.map(({ verdict }) => verdict.rule));
    const rules = Object.values(RULE_BOOKS).flatMap((book) => book.rules.map(({ name }) => name));
    expect(rules.filter((name) => !tested.has(name))).toEqual([]);
  });

  it('has no rule that takes a key out without a JSON body', () => {
    const rules = Object.values(RULE_BOOKS).flatMap((book) => book.rules);
    const forms = rules.filter(({ kind }) => kind === 'KEY_DEAD' || kind === 'KEY_EXHAUSTED').map((rule) => rule.forms);
    expect(new Set(forms)).toEqual(new Set([undefined]));
  });

  it('answers with nothing but what was promised', () => {
    expect(classify('openai', jsonAnswer(400, { error: 'No.' }), [])).toEqual({
      kind: 'REQUEST',
      rule: 'generic/client-error',
      code: 'http_400',
      message: 'No.',
      scope: 'key',
      minimumCoolMs: 0,
      fixedCoolMs: null,
      resetsAt: null,
    });
  });

  it('makes codes and messages fit to be stored', () => {
    const error = { code: ' Some resource\u0000has: €ed ', message: `a\u0000b\n${'x'.repeat(297)}😀` };
    const { code, message } = classify('openai', jsonAnswer(400, { error }), []);
    expect(code).toBe('Some_resource_has:_ed');
    expect(message).toMatch(/^a b x+/);
    expect(message.length).toBeLessThanOrEqual(300);
    expect(message.isWellFormed()).toBe(true);
  });
});

describe('what a user wrote into a request', () => {
  const errorsAbout = (text: string): unknown[] => [
    {
      error: {
        message: `Invalid value: '${text}'. Try another.`,
        type: 'invalid_request_error',
        param: text,
        code: null,
      },
    },
    { error: { message: `Bad: ${JSON.stringify({ error: { code: text, type: text } })}`, status: 'INVALID_ARGUMENT' } },
    { type: 'error', error: { type: 'invalid_request_error', message: `messages.0: ${text}` } },
    { detail: [{ type: 'missing', loc: ['body', text], msg: `Field required: ${text}`, input: { code: text } }] },
    { error: `Unknown model ${text}`, param: { code: text }, metadata: { reason: text, type: text } },
  ];

  it.each(PROVIDER_TYPES)('never harms a key of type %s, whatever poison it holds', (provider) => {
    const answers = POISON.flatMap((text) =>
      errorsAbout(text).map((error) => ({ text, answer: jsonAnswer(400, error) })),
    );
    const harmful = answers.filter(({ answer }) => classify(provider, answer, []).kind !== 'REQUEST');
    expect(harmful.map(({ text }) => text)).toEqual([]);
  });

  it('never harms a key, whatever the text', () => {
    const status = fc.constantFrom(400, 404, 413, 422);
    const text = fc.oneof(fc.string(), fc.constantFrom(...POISON), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.constantFrom(...PROVIDER_TYPES), status, text, (provider, answerStatus, words) => {
        const kinds = errorsAbout(words).map((error) => classify(provider, jsonAnswer(answerStatus, error), []).kind);
        expect(kinds).not.toContainEqual(expect.stringMatching(/^KEY_(DEAD|EXHAUSTED|RATE)$/));
      }),
    );
  });
});

describe('whatever an upstream sends', () => {
  const contentType = fc.constantFrom('', 'application/json', 'text/html', 'text/plain', 'text/event-stream', 'x;;/');
  const word = fc.oneof(fc.constantFrom(...POISON, '__proto__', 'constructor'), fc.jsonValue());
  const error = fc.record(
    { code: word, type: word, status: word, message: word, details: word, detail: word, innererror: word },
    { requiredKeys: [] },
  );
  const wholeBody = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.oneof(fc.record({ error }), fc.array(fc.record({ error })), error).map((value) => JSON.stringify(value)),
  );
  const body = fc.tuple(wholeBody, fc.nat(200)).map(([text, cut]) => (cut < 50 ? text.slice(0, cut) : text));
  const anyStatus = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.integer());

  it('a verdict comes out, with a code that is fit to be shown', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROVIDER_TYPES), anyStatus, contentType, body, (provider, status, type, text) => {
        const verdict = classify(provider, answerOf({ status, headers: { 'content-type': type }, body: text }), []);
        expect(VERDICT_KINDS).toContain(verdict.kind);
        expect(verdict.code).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/);
        expect(verdict.message.length).toBeLessThanOrEqual(300);
      }),
      { numRuns: 1_000 },
    );
  });

  it('no page and no empty body says that a key is dead or used up', () => {
    const blank = fc.constantFrom('', ' \r\n', '\uFEFF');
    const page = fc.tuple(fc.constantFrom('<html>', ' <!doctype html>', '<?xml'), body).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.constantFrom(...PROVIDER_TYPES), anyStatus, contentType, fc.oneof(blank, page), (...drawn) => {
        const [provider, status, type, text] = drawn;
        const { kind } = classify(provider, answerOf({ status, headers: { 'content-type': type }, body: text }), []);
        expect(['KEY_DEAD', 'KEY_EXHAUSTED', 'AMBIGUOUS']).not.toContain(kind);
      }),
    );
  });

  it.each([
    ['deep', '['.repeat(60_000)],
    ['deep and closed', `${'{"error":'.repeat(6_000)}1${'}'.repeat(6_000)}`],
    ['too long', `{"error":{"code":"invalid_api_key","message":"${'x'.repeat(70_000)}"}}`],
    ['full of huge numbers', '{"error":{"code":1e999,"type":-1e400,"message":9007199254740993}}'],
    ['out to pollute', '{"__proto__":{"error":{"code":"invalid_api_key"}}}'],
    ['made of wrong types', '{"error":{"code":["invalid_api_key"],"details":[null,[],{"violations":{"quotaId":{}}}]}}'],
  ])('a body that is %s is no evidence against a key', (_, text) => {
    const headers = { 'content-type': 'application/json' };
    expect(classify('openai', answerOf({ status: 401, headers, body: text }), [])).toMatchObject({
      kind: 'AMBIGUOUS',
      code: 'http_401',
    });
  });
});

describe('overrides', () => {
  const verdictOf = (...overrides: VerdictOverride[]): object =>
    classify('openai', jsonAnswer(403, { error: { code: 'no_plan', type: 'plan', message: 'No plan: x' } }), overrides);

  it('decide before the tables, the first that fits', () => {
    const verdict = verdictOf(
      { status: 401, verdict: 'KEY_DEAD' },
      { status: 403, code: 'plan', verdict: 'KEY_EXHAUSTED', cool_seconds: 90 },
      { status: 403, verdict: 'REQUEST' },
    );
    expect(verdict).toMatchObject({ kind: 'KEY_EXHAUSTED', rule: 'override/2', code: 'plan', fixedCoolMs: 90_000 });
  });

  it('match a message at its start alone', () => {
    expect(verdictOf({ status: 403, message_prefix: 'no plan', verdict: 'KEY_MODEL' })).toMatchObject({
      kind: 'KEY_MODEL',
      rule: 'override/1',
      code: 'no_plan',
      message: 'No plan: x',
      fixedCoolMs: null,
    });
    expect(verdictOf({ status: 403, message_prefix: 'plan', verdict: 'KEY_MODEL' })).toMatchObject({
      rule: 'generic/unexplained-403',
    });
  });

  it('fit only with all that they ask for', () => {
    const override: VerdictOverride = {
      status: 403,
      code: 'no_plan',
      message_prefix: 'Some plan',
      verdict: 'KEY_DEAD',
    };
    expect(verdictOf(override, { status: 403, code: 'No plan', verdict: 'KEY_DEAD' })).toMatchObject({
      kind: 'AMBIGUOUS',
    });
  });
});

describe(classifyTransport, () => {
  it.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ECONNRESET',
    'EPIPE',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_SOCKET',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'KEYMUX_ADDRESS_REFUSED',
  ])('blames the channel for %s', (errorCode) => {
    expect(classifyTransport(errorCode)).toMatchObject({ kind: 'CHANNEL', code: errorCode.toLowerCase(), message: '' });
  });

  it.each(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'])('suspects our own clock of %s', (errorCode) => {
    expect(classifyTransport(errorCode)).toMatchObject({ kind: 'HOST', code: errorCode.toLowerCase() });
  });

  it('has a code for an error without one', () => {
    expect(classifyTransport('')).toMatchObject({ kind: 'CHANNEL', code: 'transport_error' });
  });
});
