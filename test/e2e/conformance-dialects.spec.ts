import { ConformanceScene } from '../support/conformance-scene';
import { callHttp, type HttpAnswer } from '../support/http-call';
import { aKey } from '../support/keys';

const PATHS = {
  openai: '/v1/chat/completions',
  anthropic: '/v1/messages',
  gemini: '/v1beta/models/{model}:generateContent',
} as const;

type Dialect = keyof typeof PATHS;

const KEY_HEADERS = [
  ['openai', 'authorization'],
  ['azure', 'api-key'],
  ['anthropic', 'x-api-key'],
  ['gemini', 'x-goog-api-key'],
] as const;
const TYPES = KEY_HEADERS.map(([type]) => type);
const EVERY_MODEL = 'served-by-all';

describe('the API that a channel speaks', () => {
  let scene: ConformanceScene;
  let token: string;

  beforeAll(async () => {
    scene = await ConformanceScene.start();
    const { admin } = scene.app;
    for (const [i, type] of TYPES.entries()) {
      const models = [EVERY_MODEL, `only-${type}`];
      await admin.createChannel({ baseUrl: scene.upstream.baseUrl, type, models, keys: [aKey(i)] });
    }
    token = await admin.createToken();
  });

  beforeEach(() => {
    scene.upstream.forget();
  });

  afterAll(() => scene.stop());

  function ask(dialect: Dialect, model: string): Promise<HttpAnswer> {
    const fields = { model, max_tokens: 1, messages: [{ role: 'user', content: 'Hello!' }], contents: [] };
    return callHttp(scene.app.baseUrl, {
      method: 'POST',
      path: PATHS[dialect].replace('{model}', model),
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(fields),
    });
  }

  it.each<[Dialect, readonly string[]]>([
    ['openai', ['openai', 'azure']],
    ['anthropic', ['anthropic']],
    ['gemini', ['gemini']],
  ])('%s is spoken to channels of type %j only, whose key goes in their own header', async (dialect, types) => {
    for (let i = 0; i < 12; i++) expect((await ask(dialect, EVERY_MODEL)).status).toBe(200);
    const reached = new Set<string>();
    for (const exchange of scene.upstream.exchanges) {
      const shown = KEY_HEADERS.filter(([, header]) => exchange.requestHeader(header) !== null);
      expect(shown).toHaveLength(1);
      const [type = '', header = ''] = shown[0] ?? [];
      const key = aKey(TYPES.findIndex((known) => known === type));
      expect(exchange.requestHeader(header)).toBe(header === 'authorization' ? `Bearer ${key}` : key);
      reached.add(type);
    }
    expect(types).toEqual(expect.arrayContaining([...reached]));
  });

  it.each<[Dialect, string, string, (answer: HttpAnswer) => unknown]>([
    ['openai', 'only-anthropic', PATHS.anthropic, ({ json }) => (json['error'] as { code: unknown }).code],
    ['openai', 'only-gemini', PATHS.gemini, ({ json }) => (json['error'] as { code: unknown }).code],
    ['anthropic', 'only-openai', PATHS.openai, ({ json }) => (json['error'] as { type: unknown }).type],
    ['anthropic', 'only-gemini', PATHS.gemini, ({ json }) => (json['error'] as { type: unknown }).type],
    ['gemini', 'only-openai', PATHS.openai, ({ json }) => (json['error'] as { status: unknown }).status],
    ['gemini', 'only-azure', PATHS.openai, ({ json }) => (json['error'] as { status: unknown }).status],
  ])('a client of %s that asks for %s is told of POST %s, in the shape of its API', async (...row) => {
    const [dialect, model, path, codeOf] = row;
    const answer = await ask(dialect, model);
    expect(answer.status).toBe(404);
    const codes = { openai: 'model_not_found', anthropic: 'not_found_error', gemini: 'NOT_FOUND' };
    expect(codeOf(answer)).toBe(codes[dialect]);
    expect((answer.json['error'] as { message: string }).message).toContain(`POST ${path}`);
    expect(scene.upstream.exchanges).toEqual([]);
  });
});
