import { ALL_FORMS, statuses, type VerdictRule } from './verdict-rule';

const QUOTA_CODES = ['insufficient_quota', 'insufficient_user_quota', 'pre_consume_token_quota_failed'];

/** What errors mean at any upstream that speaks OpenAI's dialect, other people's relays too; all tables end here. */
export const GENERIC_RULES: readonly VerdictRule[] = [
  {
    name: 'token-used-up',
    statuses: [401],
    names: QUOTA_CODES,
    messagePrefixes: ['该令牌额度已用尽'],
    kind: 'KEY_EXHAUSTED',
  },
  // Not `token_not_provided`: that tells of a request that lost its key, not of a bad key.
  {
    name: 'bad-key',
    statuses: [401],
    names: [
      'invalid_api_key',
      'incorrect_api_key',
      'incorrect_api_key_error',
      'invalid_authentication',
      'invalid_authentication_error',
      'authentication_error',
      'InvalidApiKey',
      'AuthenticationError',
    ],
    messagePrefixes: ['Invalid API key', '无效的令牌', '该令牌已过期', '该令牌状态不可用'],
    kind: 'KEY_DEAD',
  },
  { name: 'unexplained-401', statuses: [401], kind: 'AMBIGUOUS' },
  { name: 'payment-required', statuses: [402], kind: 'KEY_EXHAUSTED' },
  {
    name: 'quota-used-up',
    statuses: [403, 429],
    names: QUOTA_CODES,
    messagePrefixes: ['余额不足', '账户余额不足', '用户额度不足', '已欠费'],
    kind: 'KEY_EXHAUSTED',
  },
  { name: 'unexplained-403', statuses: [403], kind: 'AMBIGUOUS' },
  // 1006 to 1010 and 1020 are Cloudflare's refusals of an address, a country or a client.
  {
    name: 'cloudflare-refusal',
    statuses: [403],
    forms: ['text'],
    messagePrefixes: ['1006', '1007', '1008', '1009', '1010', '1020'].map((code) => `error code: ${code}`),
    kind: 'HOST',
  },
  { name: 'refused-without-json', statuses: [401, 402, 403], forms: ['html', 'text', 'empty'], kind: 'CHANNEL' },
  { name: 'proxy-or-region', statuses: [407, 451], forms: ALL_FORMS, kind: 'HOST' },
  { name: 'rate-limited', statuses: [429], kind: 'KEY_RATE' },
  // The header is the evidence here, not the body.
  {
    name: 'rate-limited-by-header',
    statuses: [429],
    forms: ['text', 'empty'],
    headers: ['retry-after-ms', 'retry-after'],
    kind: 'KEY_RATE',
    scope: 'key',
  },
  // A page or nothing at all comes from whatever stands before the upstream, and that limits our address.
  {
    name: 'rate-limited-without-evidence',
    statuses: [429],
    forms: ['html', 'text', 'empty'],
    kind: 'CHANNEL',
    minimumCoolMs: 5_000,
  },
  // The bench is for this model alone: a relay that has no channel for it may well have one for others.
  {
    name: 'no-available-channel',
    statuses: [503],
    names: ['model_not_found', 'get_channel_failed'],
    messagePrefixes: ['无可用渠道', '当前分组', '分组', 'No available channel'],
    kind: 'CHANNEL',
    scope: 'model',
  },
  { name: 'no-such-path', statuses: [404], forms: ['html', 'text', 'empty'], kind: 'CHANNEL' },
  // A proxy refuses an oversized request with a page of its own, and still the request is to blame.
  { name: 'oversized-request', statuses: [413, 414, 431], forms: ALL_FORMS, kind: 'REQUEST' },
  { name: 'timeout-or-conflict', statuses: [408, 409, 425, 499], forms: ALL_FORMS, kind: 'CHANNEL' },
  { name: 'page-of-a-proxy', statuses: statuses(400, 499), forms: ['html'], kind: 'CHANNEL' },
  { name: 'client-error', statuses: statuses(400, 499), forms: ALL_FORMS, kind: 'REQUEST' },
  { name: 'not-an-answer', statuses: statuses(200, 299), forms: ALL_FORMS, kind: 'CHANNEL' },
  { name: 'redirect', statuses: statuses(300, 399), forms: ALL_FORMS, kind: 'CHANNEL' },
  { name: 'server-error', statuses: statuses(500, 599), forms: ALL_FORMS, kind: 'CHANNEL' },
];

/** For a status that HTTP does not know. */
export const LAST_RESORT: VerdictRule = { name: 'generic/unforeseen', statuses: [], kind: 'CHANNEL' };
