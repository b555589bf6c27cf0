import type { OwnAnswer } from '../own-requests';
import { judgeProbe, unsupported } from './probe-judgement';

function anAnswer(status: number, body: unknown = '', parts: Partial<OwnAnswer> & { type?: string } = {}): OwnAnswer {
  const { type = 'application/json', ...rest } = parts;
  return {
    status,
    header: (name) => (name === 'content-type' ? type : ''),
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isWhole: true,
    ...rest,
  };
}

const badKey = {
  error: { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' },
};
const page = '<!DOCTYPE html><html></html>';

describe(judgeProbe, () => {
  it('takes a good answer for an accepted key', () => {
    for (const subject of ['models', 'chat'] as const) {
      const good = judgeProbe(subject, anAnswer(200, { data: [], error: null }), 'openai', []);
      expect(good).toEqual({ kind: 'accepted', said: null });
    }
  });

  it('takes a list of models that is too long to be read for a good answer', () => {
    const cut = anAnswer(200, '{"data":[{"id":', { isWhole: false });
    expect(judgeProbe('models', cut, 'openai', []).kind).toBe('accepted');
    expect(judgeProbe('models', { ...cut, header: () => 'text/html' }, 'openai', []).kind).toBe('unknown');
  });

  it('sees a refusal by its status, and one inside a good status', () => {
    for (const status of [401, 200]) {
      const { kind, said } = judgeProbe('models', anAnswer(status, badKey), 'openai', []);
      expect([kind, said?.kind, said?.code]).toEqual(['refused', 'KEY_DEAD', 'invalid_api_key']);
    }
  });

  it.each([
    ['404 JSON', anAnswer(404, { error: { message: 'Invalid URL' } })],
    ['404 page', anAnswer(404, page, { type: 'text/html' })],
    ['405', anAnswer(405)],
    ['501', anAnswer(501)],
    ['400', anAnswer(400, { error: { message: 'What?' } })],
    ['a page for everything', anAnswer(200, page, { type: 'text/html' })],
  ])('does not take %s for an answer about the key when it asked for models', (_what, answer) => {
    expect(judgeProbe('models', answer, 'openai', []).kind).toBe('unknown');
  });

  it.each([
    ['no such model', anAnswer(404, { error: { message: 'No such model', code: 'model_not_found' } }), 'KEY_MODEL'],
    ['max_tokens too small', anAnswer(400, { error: { message: 'max_tokens is too small' } }), 'REQUEST'],
  ])('takes "%s" in answer to a call for an accepted key, and keeps what was said', (_what, answer, kind) => {
    expect(judgeProbe('chat', answer, 'openai', [])).toMatchObject({ kind: 'accepted', said: { kind } });
  });

  it('takes a page in answer to a call for a channel in trouble', () => {
    for (const [status, expected] of [
      [200, 'refused'],
      [404, 'unknown'],
      [502, 'refused'],
    ] as const) {
      const { kind, said } = judgeProbe('chat', anAnswer(status, page, { type: 'text/html' }), 'openai', []);
      expect([kind, said?.kind]).toEqual([expected, 'CHANNEL']);
    }
  });

  it('takes an empty account for an exhausted key', () => {
    const { kind, said } = judgeProbe('balance', anAnswer(200, { is_available: false }), 'deepseek', []);
    expect([kind, said?.kind]).toEqual(['refused', 'KEY_EXHAUSTED']);
    expect(judgeProbe('balance', anAnswer(200, { is_available: true }), 'deepseek', []).kind).toBe('accepted');
  });

  it.each([
    ['anthropic', 'models', anAnswer(200, { data: [], has_more: false })],
    ['anthropic', 'chat', anAnswer(200, { type: 'message', content: [], stop_reason: 'max_tokens' })],
    ['gemini', 'models', anAnswer(200, { models: [] })],
    ['gemini', 'chat', anAnswer(200, { candidates: [{ finishReason: 'MAX_TOKENS' }] })],
    ['gemini', 'chat', anAnswer(200, { promptFeedback: { blockReason: 'OTHER' } })],
  ] as const)('knows a good answer of %s to a request for %s', (provider, subject, answer) => {
    expect(judgeProbe(subject, answer, provider, [])).toEqual({ kind: 'accepted', said: null });
  });

  it.each([
    ['anthropic', 401, { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }],
    ['gemini', 400, { error: { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT' } }],
  ] as const)('knows a key that %s refuses with %d, whatever it asked for', (provider, status, body) => {
    for (const subject of ['models', 'chat'] as const) {
      const { kind, said } = judgeProbe(subject, anAnswer(status, body), provider, []);
      expect([kind, said?.kind]).toEqual(['refused', 'KEY_DEAD']);
    }
  });

  it.each([
    ['anthropic', 404, { type: 'error', error: { type: 'not_found_error', message: 'model: m' } }],
    ['gemini', 404, { error: { code: 404, message: 'models/m is not found', status: 'NOT_FOUND' } }],
    ['azure', 404, { error: { code: 'DeploymentNotFound', message: 'The API deployment does not exist' } }],
  ] as const)(
    'takes an unknown model of %s for an accepted key, but not a list that is unknown',
    (provider, status, body) => {
      const answer = anAnswer(status, body);
      expect(judgeProbe('chat', answer, provider, [])).toMatchObject({ kind: 'accepted', said: { kind: 'KEY_MODEL' } });
      expect(judgeProbe('models', answer, provider, []).kind).toBe('unknown');
    },
  );

  it("lets the channel's own overrides decide", () => {
    const override = { status: 401, code: 'invalid_api_key', verdict: 'CHANNEL' } as const;
    expect(judgeProbe('models', anAnswer(401, badKey), 'openai', [override]).said?.kind).toBe('CHANNEL');
  });
});

describe(unsupported, () => {
  it('says that nothing can be found out, and what to do', () => {
    const { said } = judgeProbe('models', anAnswer(404), 'openai', []);
    expect(said && unsupported(said)).toMatchObject({ kind: 'AMBIGUOUS', code: 'probe_unsupported' });
  });
});
