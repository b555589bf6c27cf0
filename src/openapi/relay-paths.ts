import type { OpenAPIObject } from '@nestjs/swagger';
import type { Dialect } from '../channels/dialect';
import { RELAY_ROUTES, type RelayRoute } from '../relay/routes/relay-routes';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['post']>;

const REFUSED = {
  400: 'The request is malformed',
  401: '`invalid_api_key`: this token is missing, unknown, disabled or expired',
  404: '`model_not_found`: the model does not exist, or this token may not use it',
  413: '`request_too_large`: the body is larger than RELAY_BODY_LIMIT',
  415: '`unsupported_encoding`: the body is compressed',
  429: '`all_keys_cooling`: every key that was tried is rate limited; `Retry-After` says for how long',
  502: '`upstream_error`: no upstream could be reached, or it failed',
  503: '`no_available_key`: no key can serve now',
  504: '`upstream_timeout`: the upstream did not answer in time',
} as const;

const TAGS: Readonly<Record<Dialect, string>> = {
  openai: 'Relay',
  anthropic: 'Relay: Anthropic API',
  gemini: 'Relay: Gemini API',
};

const KEY_SCHEMES: Readonly<Record<Dialect, string>> = { openai: 'azure', anthropic: 'anthropic', gemini: 'gemini' };

const ERRORS: Readonly<Record<Dialect, string>> = {
  openai: 'RelayError',
  anthropic: 'AnthropicError',
  gemini: 'GeminiError',
};

/** The paths of the relay, from the table that the relay serves from. */
export function relayPaths(): Paths {
  const paths: Paths = {};
  for (const route of RELAY_ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return paths;
}

function operationOf(route: RelayRoute): Operation {
  const parameter = /\{(.+)\}/.exec(route.path)?.[1];
  const requestBody = requestBodyOf(route);
  return {
    tags: [TAGS[route.dialect]],
    summary: route.summary,
    operationId: operationIdOf(route),
    security: [{ relay: [] }, { [KEY_SCHEMES[route.dialect]]: [] }],
    ...(parameter && {
      parameters: [{ name: parameter, in: 'path', required: true, schema: { type: 'string', example: 'gpt-4o' } }],
    }),
    ...(requestBody && { requestBody }),
    responses: { 200: { description: answerOf(route) }, ...refusalsOf(route) },
  };
}

function requestBodyOf({ modelIn, defaultModel, example }: RelayRoute): Operation['requestBody'] {
  if (modelIn === undefined) return undefined;
  const namesModel = modelIn === 'body' || modelIn === 'form';
  const schema = {
    type: 'object',
    ...(namesModel && defaultModel === undefined && { required: ['model'] }),
    ...(namesModel && { properties: { model: { type: 'string' }, stream: { type: 'boolean' } } }),
    additionalProperties: true,
  };
  return {
    required: true,
    content: { [modelIn === 'form' ? 'multipart/form-data' : 'application/json']: { schema, example } },
  };
}

function answerOf({ kind, streams }: RelayRoute): string {
  if (kind !== 'relay' && kind !== 'object') return 'As of the API that was asked';
  const stream = streams === 'on-request' ? '; with `"stream": true` as `text/event-stream`' : '';
  return `The upstream's answer, byte for byte${stream}`;
}

function refusalsOf({ kind, dialect }: RelayRoute): Operation['responses'] {
  const statuses = Object.entries(REFUSED).filter(
    ([status]) => kind === 'relay' || kind === 'object' || status === '401' || status === '404',
  );
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${ERRORS[dialect]}` } } };
  return Object.fromEntries(
    statuses
      .filter(([status]) => (kind !== 'list-models' && kind !== 'about') || status !== '404')
      .map(([status, description]) => [status, { description, content }]),
  );
}

function operationIdOf({ method, path }: RelayRoute): string {
  const words = path.replace(/[{}]/g, '').split(/[/:_]/).slice(1);
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return `relay${method.charAt(0)}${method.slice(1).toLowerCase()}${name}`;
}
