import { vectorsOf } from './verdict-vector';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const TEXT = { 'content-type': 'text/plain' };
const PAGE = '<html><body><center><h1>400 Bad Request</h1></center></body></html>';

const relayError = (message: string, code: string | null = null): object => ({
  error: { message, type: 'new_api_error', param: '', code },
});

/** Upstreams that speak OpenAI's dialect, and whatever may stand before any upstream. */
export const GENERIC_VECTORS = [
  ...vectorsOf('openai', [
    {
      title: 'a bad token of a relay',
      status: 401,
      body: relayError('无效的令牌 (request id: 1)'),
      verdict: { kind: 'KEY_DEAD', rule: 'generic/bad-key', code: 'new_api_error' },
    },
    {
      title: 'a bad key in camel case',
      status: 401,
      body: { code: 'InvalidApiKey', message: 'Invalid API-key provided.', request_id: '1' },
      verdict: { kind: 'KEY_DEAD', rule: 'generic/bad-key', code: 'InvalidApiKey' },
    },
    {
      title: 'a bad key as a detail',
      status: 401,
      body: { detail: 'Invalid API key' },
      verdict: { kind: 'KEY_DEAD', rule: 'generic/bad-key', code: 'http_401', message: 'Invalid API key' },
    },
    {
      title: 'a relay token that is used up',
      status: 401,
      body: relayError('该令牌额度已用尽'),
      verdict: { kind: 'KEY_EXHAUSTED', rule: 'generic/token-used-up', code: 'new_api_error' },
    },
    {
      title: 'a request that lost its token',
      status: 401,
      body: relayError('Token not provided', 'token_not_provided'),
      verdict: { kind: 'AMBIGUOUS', rule: 'generic/unexplained-401', code: 'token_not_provided' },
    },
    {
      title: 'a plain text in JSON',
      status: 401,
      body: { error: 'Unauthorized' },
      verdict: { kind: 'AMBIGUOUS', rule: 'generic/unexplained-401', code: 'http_401', message: 'Unauthorized' },
    },
    {
      title: 'a JSON body that is cut off before its code',
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: '{"error":{"code":"invalid_api_key","message":"Incorrect API k',
      verdict: { kind: 'AMBIGUOUS', rule: 'generic/unexplained-401', code: 'http_401', message: '' },
    },
    ...[401, 403].flatMap((status) =>
      [
        { form: 'HTML', headers: HTML, body: PAGE },
        { form: 'HTML that is called JSON', headers: { 'content-type': 'application/json' }, body: PAGE },
        { form: 'plain text', headers: TEXT, body: 'invalid_api_key' },
        { form: 'no', headers: {}, body: '' },
      ].map(({ form, headers, body }) => ({
        title: `${status} with ${form} body`,
        status,
        headers,
        body,
        verdict: { kind: 'CHANNEL', rule: 'generic/refused-without-json', code: `http_${status}` } as const,
      })),
    ),
    ...[407, 451].map((status) => ({
      title: `${status} from a proxy or a lawyer`,
      status,
      body: '',
      verdict: { kind: 'HOST', rule: 'generic/proxy-or-region', code: `http_${status}` } as const,
    })),
    {
      title: "Cloudflare's firewall",
      status: 403,
      headers: TEXT,
      body: 'error code: 1020',
      verdict: { kind: 'HOST', rule: 'generic/cloudflare-refusal', code: 'http_403' },
    },
    {
      title: 'no credits left',
      status: 402,
      body: { error: { code: 402, message: 'This request requires more credits.' } },
      verdict: { kind: 'KEY_EXHAUSTED', rule: 'generic/payment-required', code: 'http_402' },
    },
    {
      title: 'a 403 that says nothing known',
      status: 403,
      body: { message: 'Forbidden' },
      verdict: { kind: 'AMBIGUOUS', rule: 'generic/unexplained-403', code: 'http_403' },
    },
    ...(
      [
        [403, 'insufficient_user_quota', '用户额度不足, 剩余额度: 0'],
        [403, 'pre_consume_token_quota_failed', 'token quota is not enough'],
        [429, null, '余额不足'],
        [403, null, '已欠费，请充值'],
      ] as const
    ).map(([status, code, message]) => ({
      title: `a relay's user without money: ${message}`,
      status,
      body: relayError(message, code),
      verdict: { kind: 'KEY_EXHAUSTED', rule: 'generic/quota-used-up', code: code ?? 'new_api_error' } as const,
    })),
    ...[
      '当前分组 default 下对于模型 gpt-4o 无可用渠道',
      '无可用渠道',
      'No available channel for model gpt-4o under group default',
    ].map((message) => ({
      title: `a relay without a channel: ${message}`,
      status: 503,
      body: relayError(message),
      verdict: {
        kind: 'CHANNEL',
        rule: 'generic/no-available-channel',
        code: 'new_api_error',
        scope: 'model',
      } as const,
    })),
    {
      title: 'a limit that nothing explains',
      status: 429,
      body: { message: 'Too many requests' },
      verdict: { kind: 'KEY_RATE', rule: 'generic/rate-limited', code: 'http_429', scope: 'model' },
    },
    {
      title: 'a limit told by a header alone',
      status: 429,
      headers: { 'content-length': '0', 'retry-after': '20' },
      body: '',
      verdict: { kind: 'KEY_RATE', rule: 'generic/rate-limited-by-header', code: 'http_429', scope: 'key' },
    },
    {
      title: 'a page that limits, with a header',
      status: 429,
      headers: { ...HTML, 'retry-after': '20' },
      body: PAGE,
      verdict: {
        kind: 'CHANNEL',
        rule: 'generic/rate-limited-without-evidence',
        code: 'http_429',
        minimumCoolMs: 5_000,
      },
    },
    {
      title: 'a limit that is told by nothing at all',
      status: 429,
      body: '',
      verdict: { kind: 'CHANNEL', rule: 'generic/rate-limited-without-evidence', code: 'http_429' },
    },
    ...['404 page not found', PAGE, ''].map((body) => ({
      title: `a wrong path: ${JSON.stringify(body)}`,
      status: 404,
      body,
      verdict: { kind: 'CHANNEL', rule: 'generic/no-such-path', code: 'http_404' } as const,
    })),
    {
      title: 'the 400 of a proxy in front',
      status: 400,
      headers: HTML,
      body: PAGE,
      verdict: { kind: 'CHANNEL', rule: 'generic/page-of-a-proxy', code: 'http_400' },
    },
    {
      title: 'the 422 of a strict parser',
      status: 422,
      headers: TEXT,
      body: 'Failed to deserialize the JSON body into the target type',
      verdict: { kind: 'REQUEST', rule: 'generic/client-error', code: 'http_422' },
    },
    ...[400, 404, 405, 406, 411, 413, 414, 415, 416, 418, 422, 431].map((status) => ({
      title: `the request's own fault as ${status}`,
      status,
      body: { object: 'error', message: 'No.', type: 'BadRequestError', param: null, code: status },
      verdict: {
        kind: 'REQUEST',
        rule: [413, 414, 431].includes(status) ? 'generic/oversized-request' : 'generic/client-error',
        code: 'BadRequestError',
      } as const,
    })),
    ...[408, 409, 425, 499].map((status) => ({
      title: `a timeout or conflict as ${status}`,
      status,
      body: '',
      verdict: { kind: 'CHANNEL', rule: 'generic/timeout-or-conflict', code: `http_${status}` } as const,
    })),
    ...[500, 502, 503, 504, 520, 524, 529, 530].map((status) => ({
      title: `trouble as ${status}`,
      status,
      headers: HTML,
      body: PAGE,
      verdict: { kind: 'CHANNEL', rule: 'generic/server-error', code: `http_${status}` } as const,
    })),
    ...[301, 302, 307, 308].map((status) => ({
      title: `a redirect as ${status}`,
      status,
      body: '',
      verdict: { kind: 'CHANNEL', rule: 'generic/redirect', code: `http_${status}` } as const,
    })),
    ...[103, 777].map((status) => ({
      title: `the unheard-of status ${status}`,
      status,
      body: {},
      verdict: { kind: 'CHANNEL', rule: 'generic/unforeseen', code: `http_${status}` } as const,
    })),
    {
      title: "an old vLLM's error inside a 200",
      status: 200,
      body: { object: 'error', message: 'Unauthorized', type: 'AuthenticationError', param: null, code: 401 },
      verdict: { kind: 'KEY_DEAD', rule: 'generic/bad-key', code: 'AuthenticationError' },
    },
    ...(
      [
        ['invalid_api_key', 'KEY_DEAD', 'openai/invalid-api-key'],
        ['authentication_error', 'KEY_DEAD', 'generic/bad-key'],
        ['rate_limit_exceeded', 'KEY_RATE', 'openai/rate-limit'],
        ['insufficient_quota', 'KEY_EXHAUSTED', 'openai/quota-exhausted'],
        ['overloaded_error', 'CHANNEL', 'generic/server-error'],
        ['server_error', 'CHANNEL', 'generic/server-error'],
        ['content_filter', 'REQUEST', 'generic/client-error'],
        ['something_else', 'CHANNEL', 'generic/not-an-answer'],
      ] as const
    ).map(([code, kind, rule]) => ({
      title: `${code} inside a 200`,
      status: 200,
      body: {
        error: { message: 'No.', type: code === 'something_else' ? null : 'invalid_request_error', param: null, code },
      },
      verdict: { kind, rule, code },
    })),
    ...[PAGE, '', 'OK', '{"choices":[{"mess'].map((body) => ({
      title: `a 200 that is no answer: ${JSON.stringify(body)}`,
      status: 200,
      body,
      verdict: { kind: 'CHANNEL', rule: 'generic/not-an-answer', code: 'http_200' } as const,
    })),
  ]),
];
