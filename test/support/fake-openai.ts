import type { OutgoingHttpHeaders } from 'node:http';
import { bearerOf, type Exchange } from './fake-upstream-exchange';
import { isRecord, promptText, streamTexts, type StreamOptions } from './fake-openai-text';

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'gpt-3.5-turbo-instruct', 'text-embedding-3-small'];
const CREATED = 1_700_000_000;
const EMBEDDING = Float32Array.from([0.5, -0.25, 0.125, 0, 1, -1, 0.75, 0.0625]);
const USAGE = { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 };

/** Headers that a gateway must not hand to its own callers, and one that it may. */
const OPENAI_HEADERS: OutgoingHttpHeaders = {
  'openai-organization': 'org-of-the-pool-key',
  'openai-version': '2020-10-01',
  'x-ratelimit-remaining-requests': '9999',
  'access-control-allow-origin': '*',
  'set-cookie': '__cf_bm=fake; path=/; HttpOnly',
  server: 'cloudflare',
};

const ROUTES =
  /^(?<base>(?:\/[^/]+)*?)\/(?<route>chat\/completions|completions|embeddings|models)(?:(?<=models)\/(?<id>.+))?$/;

const MISSING_KEY =
  "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from https://platform.openai.com/account/api-keys.";

type Body = Record<string, unknown>;

export interface OpenAiErrorText {
  readonly message: string;
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

/** Answers as OpenAI answers a request with a good key. */
export function answerLikeOpenAi(exchange: Exchange): void | Promise<void> {
  const { entry } = exchange;
  const path = entry.path.replace(/\?.*$/s, '');
  const { base, route, id } = ROUTES.exec(path)?.groups ?? {};
  if (route === undefined || base === undefined || base.endsWith('/v1/v1')) {
    sendOpenAiError(exchange, 404, { message: `Invalid URL (${entry.method} ${path})` });
    return;
  }
  if (bearerOf(exchange.request) === null) {
    sendOpenAiError(exchange, 401, { message: MISSING_KEY });
    return;
  }
  const expectedMethod = route === 'models' ? 'GET' : 'POST';
  if (entry.method !== expectedMethod) {
    const hint = `(HINT: Perhaps you meant to make a ${expectedMethod} request?)`;
    const message = `Not allowed to ${entry.method} on ${path} ${hint}`;
    sendOpenAiError(exchange, 405, { message, code: 'method_not_supported' });
    return;
  }
  if (route !== 'models') return answerPost(exchange, route);
  sendModels(exchange, id);
}

/** OpenAI's very answer to a key that it does not know (any more). */
export function refuseKey(exchange: Exchange): void {
  const key = exchange.entry.key ?? '';
  const masked =
    key.length > 12 ? `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}` : '*'.repeat(key.length);
  const message = `Incorrect API key provided: ${masked}. You can find your API key at https://platform.openai.com/account/api-keys.`;
  sendOpenAiError(exchange, 401, { message, code: 'invalid_api_key' });
}

export function sendOpenAiError(
  exchange: Exchange,
  status: number,
  { message, type = 'invalid_request_error', param = null, code = null }: OpenAiErrorText,
  headers?: OutgoingHttpHeaders,
): void {
  const error = { message, type, param, code };
  exchange.sendJson(status, { error }, { ...OPENAI_HEADERS, ...headers });
}

/** Answers a chat or a completion with this text, as JSON or as a stream, whichever was asked for. */
export function sendText(exchange: Exchange, text: string): void | Promise<void> {
  const body = exchange.json ?? {};
  if (body['stream'] === true) return sendTextStream(exchange, text.split(/(?<= )/), {});
  const head = { id: 'chatcmpl-fake', created: CREATED, model: body['model'], usage: USAGE };
  if (isChat(exchange)) {
    const message = { role: 'assistant', content: text, refusal: null };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
    exchange.sendJson(200, { ...head, object: 'chat.completion', choices }, OPENAI_HEADERS);
  } else {
    const choices = [{ index: 0, text, logprobs: null, finish_reason: 'stop' }];
    exchange.sendJson(200, { ...head, object: 'text_completion', choices }, OPENAI_HEADERS);
  }
}

/** Streams these pieces of text as OpenAI does: pieces, end, usage if asked for, `[DONE]`. */
export async function sendTextStream(
  exchange: Exchange,
  pieces: readonly string[],
  options: StreamOptions,
): Promise<void> {
  startEventStream(exchange);
  const body = exchange.json ?? {};
  const wanted = isRecord(body['stream_options']) && body['stream_options']['include_usage'] === true;
  const usage = wanted ? USAGE : null;
  const events = streamTexts({ model: body['model'], isChat: isChat(exchange), created: CREATED }, pieces, {
    usage,
    ...options,
  });
  for (const event of events) {
    if (!exchange.isOpen) return;
    exchange.response.write(event);
    if (options.delayMs !== undefined) await exchange.pause(options.delayMs);
  }
  exchange.response.end();
}

export function startEventStream(exchange: Exchange): void {
  exchange.start(200, {
    ...OPENAI_HEADERS,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
}

function isChat(exchange: Exchange): boolean {
  return exchange.entry.path.includes('/chat/');
}

function answerPost(exchange: Exchange, route: string): void | Promise<void> {
  const body = exchange.json;
  if (body === null) {
    sendOpenAiError(exchange, 400, { message: 'We could not parse the JSON body of your request.' });
    return;
  }
  const subject = route === 'embeddings' ? 'input' : route === 'completions' ? 'prompt' : 'messages';
  for (const param of ['model', subject]) {
    if (body[param] !== undefined) continue;
    const message = `Missing required parameter: '${param}'.`;
    sendOpenAiError(exchange, 400, { message, param, code: 'missing_required_parameter' });
    return;
  }
  if (route === 'embeddings') {
    sendEmbeddings(exchange, body);
    return;
  }
  return sendText(exchange, `You said: ${promptText(body)}`);
}

function sendEmbeddings(exchange: Exchange, body: Body): void {
  const inputs: unknown[] =
    Array.isArray(body['input']) && typeof body['input'][0] !== 'number' ? body['input'] : [body['input']];
  const embedding =
    body['encoding_format'] === 'base64' ? Buffer.from(EMBEDDING.buffer).toString('base64') : Array.from(EMBEDDING);
  const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding }));
  const usage = { prompt_tokens: 8, total_tokens: 8 };
  exchange.sendJson(200, { object: 'list', data, model: body['model'], usage }, OPENAI_HEADERS);
}

function sendModels(exchange: Exchange, id: string | undefined): void {
  const models = MODELS.map((model) => ({ id: model, object: 'model', created: CREATED, owned_by: 'openai' }));
  if (id === undefined) {
    exchange.sendJson(200, { object: 'list', data: models }, OPENAI_HEADERS);
    return;
  }
  const name = decodeURIComponent(id);
  const model = models.find((candidate) => candidate.id === name);
  if (model) exchange.sendJson(200, model, OPENAI_HEADERS);
  else {
    const message = `The model '${name}' does not exist`;
    sendOpenAiError(exchange, 404, { message, param: 'model', code: 'model_not_found' });
  }
}
