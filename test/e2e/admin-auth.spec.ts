import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../src/app.module';
import { loadConfig } from '../../src/config/load-config';
import { RELAY_ROUTES } from '../../src/relay/routes/relay-routes';
import { type ApiOperation, listOperations } from '../support/api-operations';
import { AppUnderTest } from '../support/app-under-test';
import { callHttp, type HttpAnswer } from '../support/http-call';

const PUBLIC = ['GET /api/status', 'GET /livez', 'GET /readyz'];
const WRONG = 'admin-0000000000000000000000000000';

interface Route {
  readonly path: string;
  readonly methods: Readonly<Record<string, boolean>>;
}

describe('the admin API', () => {
  let app: AppUnderTest;
  let operations: ApiOperation[];
  let relayToken: string;

  beforeAll(async () => {
    app = await AppUnderTest.start();
    operations = await listOperations(app.baseUrl);
    relayToken = await app.admin.createToken();
  });

  afterAll(async () => {
    await app.stop();
  });

  function nameOf({ method, template }: ApiOperation): string {
    return `${method} ${template}`;
  }

  function isOf(prefix: string): (operation: ApiOperation) => boolean {
    return ({ template }) => template.startsWith(prefix);
  }

  function guarded(): ApiOperation[] {
    return operations.filter((operation) => !isOf('/v1')(operation) && !PUBLIC.includes(nameOf(operation)));
  }

  function call({ method, path }: Pick<ApiOperation, 'method' | 'path'>, authorization?: string): Promise<HttpAnswer> {
    const headers = authorization === undefined ? {} : { authorization };
    return callHttp(app.baseUrl, { method, path, headers, ...(method !== 'GET' && { body: '{}' }) });
  }

  function expectRefused(answer: HttpAnswer, status: number, code: string): void {
    expect(answer.json).toMatchObject({ success: false, code, data: null, request_id: expect.any(String) as string });
    expect(answer).toMatchObject({ status });
    expect(answer.headers.get('x-request-id')).toBe(answer.json['request_id']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  }

  it('describes the calls of all its parts', () => {
    expect(guarded().length).toBeGreaterThan(15);
    expect(operations.length).toBeGreaterThan(20);
  });

  it.each([
    ['no token', undefined],
    ['an empty one', 'Bearer '],
    ['a wrong one', `Bearer ${WRONG}`],
    ['the right one cut short', 'cut'],
    ['another scheme', 'basic'],
  ])('answers 401 on every guarded route with %s', async (_what, kind) => {
    const special: Record<string, string> = {
      cut: `Bearer ${app.adminToken.slice(0, -1)}`,
      basic: `Basic ${Buffer.from(`admin:${app.adminToken}`).toString('base64')}`,
    };
    const authorization = kind === undefined ? undefined : (special[kind] ?? kind);
    for (const operation of guarded()) {
      const answer = await call(operation, authorization);
      expectRefused(answer, 401, 'UNAUTHORIZED');
      expect(answer.text).not.toContain(app.adminToken);
    }
  });

  it('answers 403 on every guarded route to a relay token, and says what it is', async () => {
    for (const operation of guarded()) {
      const answer = await call(operation, `Bearer ${relayToken}`);
      expectRefused(answer, 403, 'FORBIDDEN');
      expect(answer.json['message']).toMatch(/relay token/);
    }
  });

  it('lets the admin token pass on every guarded route', async () => {
    for (const operation of guarded()) {
      const { status } = await call(
        { ...operation, path: operation.path.replace(/\/1(?=\/|$)/, '/999999') },
        app.adminToken,
      );
      expect([200, 400, 404]).toContain(status);
    }
  });

  it.each(['%s', 'Bearer %s', 'bearer %s', 'BEARER  %s'])('takes the token as `%s`', async (form) => {
    const authorization = form.replace('%s', app.adminToken);
    expect((await call({ method: 'GET', path: '/api/channel' }, authorization)).status).toBe(200);
  });

  it('answers 401 on every relay route to the admin token, and says what it is', async () => {
    for (const operation of operations.filter(isOf('/v1'))) {
      const { status, json, headers } = await call(operation, `Bearer ${app.adminToken}`);
      expect(status).toBe(401);
      expect(json).toMatchObject({ error: { message: expect.stringMatching(/admin token/) as string } });
      expect(headers.get('x-request-id')).toBeTruthy();
    }
  });

  it('answers 401 on every relay route without a token', async () => {
    for (const operation of operations.filter(isOf('/v1'))) {
      const { status, json } = await call(operation);
      expect(status).toBe(401);
      expect(json).toMatchObject({ error: { message: expect.stringMatching(/^Send a token/) as string } });
    }
  });

  it.each([...PUBLIC.map((name) => name.slice(4)), '/docs', '/openapi.json'])('opens %s to everybody', async (path) => {
    expect((await call({ method: 'GET', path })).status).toBe(200);
    expect((await call({ method: 'GET', path }, `Bearer ${WRONG}`)).status).toBe(200);
  });

  it('describes every route that it serves, and serves every route that it describes', async () => {
    const environment = { DATABASE_URL: app.databaseUrl, DATA_DIR: app.dataDir, LOG_LEVEL: 'error' };
    const module = AppModule.with(loadConfig(environment).config, { url: app.databaseUrl });
    const nest = await NestFactory.create<NestExpressApplication>(module, { logger: false, abortOnError: false });
    try {
      await nest.init();
      const express: unknown = nest.getHttpAdapter().getInstance();
      const { stack } = (express as { router: { stack: { route?: Route }[] } }).router;
      const routes = stack.flatMap(({ route }) => (route ? [route] : []));
      const served = routes.flatMap(({ path, methods }) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`),
      );
      const relayed = RELAY_ROUTES.map(({ method, path }) => `${method} ${path}`);
      expect([...served, ...relayed].sort()).toEqual(operations.map(nameOf).sort());
    } finally {
      await nest.close();
    }
  });

  it.each(['/api', '/api/', '/api/nope', '/api/channel/1/nope', '/api/channel/1/keys', '/nope', '/', '/api/../api/x'])(
    'answers 404 in the envelope for %s',
    async (path) => {
      expectRefused(await call({ method: 'GET', path }, app.adminToken), 404, 'NOT_FOUND');
      expectRefused(await call({ method: 'POST', path }, app.adminToken), 404, 'NOT_FOUND');
    },
  );

  it('answers 404 in the envelope for a method that a path does not have', async () => {
    expectRefused(await call({ method: 'DELETE', path: '/api/channel' }, app.adminToken), 404, 'NOT_FOUND');
    expectRefused(await call({ method: 'GET', path: '/api/channel/keys/import' }, app.adminToken), 404, 'NOT_FOUND');
  });

  it('answers in the envelope, with a request id, whatever is wrong with a request', async () => {
    const headers = { authorization: `Bearer ${app.adminToken}` };
    const post = (path: string, body: string, more: Record<string, string> = {}): Promise<HttpAnswer> =>
      callHttp(app.baseUrl, { method: 'POST', path, headers: { ...headers, ...more }, body });
    expectRefused(await post('/api/channel', '{'), 400, 'BAD_REQUEST');
    expectRefused(await call({ method: 'GET', path: '/api/channel/%E0%A4%A' }, app.adminToken), 400, 'BAD_REQUEST');
    const invalid = await post('/api/channel', '{}');
    expect(invalid.json).toMatchObject({ code: 'VALIDATION_FAILED', request_id: expect.any(String) as string });
    const plain = await post('/api/channel', '{"name":"x"}', { 'content-type': 'text/plain' });
    expect([400, 415]).toContain(plain.status);
    const encoded = await post('/api/channel', 'x', { 'content-encoding': 'br-not' });
    expectRefused(encoded, 415, 'UNSUPPORTED_MEDIA_TYPE');
    const charset = await post('/api/channel', '{}', { 'content-type': 'application/json; charset=klingon' });
    expectRefused(charset, 415, 'UNSUPPORTED_MEDIA_TYPE');
    const gzip = await post('/api/channel', 'no gzip', { 'content-encoding': 'gzip' });
    expectRefused(gzip, 400, 'BAD_REQUEST');
  });

  it.each([
    ['large', `{"channel_id": 1, "mode": 1, "keys": ["${'x'.repeat(2 ** 21)}"]}`],
    ['malformed', '{"channel_id": 1, '],
  ])('answers 401 to a caller it does not know, also when his body is %s', async (_what, body) => {
    for (const path of ['/api/channel/keys/import', '/api/channel', '/api/token']) {
      const headers = { authorization: `Bearer ${WRONG}` };
      expectRefused(await callHttp(app.baseUrl, { method: 'POST', path, headers, body }), 401, 'UNAUTHORIZED');
    }
  });

  it('forbids caches to keep what it answers', async () => {
    const { headers } = await call({ method: 'GET', path: '/api/channel' }, app.adminToken);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it.each(['en', 'zh-CN', 'de-DE,de;q=0.9', '*'])(
    'speaks the same whatever Accept-Language says (%s)',
    async (language) => {
      const headers = { authorization: app.adminToken, 'accept-language': language };
      const answer = await callHttp(app.baseUrl, { path: '/api/channel/999999', headers });
      expect(answer.json['message']).toMatch(/^Channel 999999 not found/);
    },
  );
});
