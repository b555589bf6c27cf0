import type { OpenAPIObject } from '@nestjs/swagger';
import { RELAY_ROUTES, type RelayRoute } from '../relay/routes/relay-routes';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['post']>;

const REFUSED = {
  400: 'The request is malformed',
  401: '`invalid_api_key`: this token is missing, unknown, disabled or expired',
  404: '`model_not_found`: the model does not exist, or this token may not use it',
  429: '`all_keys_cooling`: every key that was tried is rate limited; `Retry-After` says for how long',
  502: '`upstream_error`: no upstream could be reached, or it failed',
  503: '`no_available_key`: no key can serve now',
  504: '`upstream_timeout`: the upstream did not answer in time',
} as const;

/** The paths under /v1, from the table that the relay serves from. */
export function relayPaths(): Paths {
  const paths: Paths = {};
  for (const route of RELAY_ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return paths;
}

function operationOf(route: RelayRoute): Operation {
  const parameter = /\{(.+)\}$/.exec(route.path)?.[1];
  return {
    tags: ['Relay'],
    summary: route.summary,
    operationId: operationIdOf(route),
    security: [{ relay: [] }],
    ...(parameter && {
      parameters: [{ name: parameter, in: 'path', required: true, schema: { type: 'string', example: 'gpt-4o' } }],
    }),
    ...(route.example && { requestBody: requestBodyOf(route.example) }),
    responses: { 200: { description: answerOf(route) }, ...refusalsOf(route) },
  };
}

function requestBodyOf(example: object): NonNullable<Operation['requestBody']> {
  const schema = {
    type: 'object',
    required: ['model'],
    properties: { model: { type: 'string' }, stream: { type: 'boolean' } },
    additionalProperties: true,
  };
  return { required: true, content: { 'application/json': { schema, example } } };
}

function answerOf({ kind, canStream }: RelayRoute): string {
  if (kind !== 'relay') return 'As of the OpenAI API';
  const stream = canStream ? '; with `"stream": true` as `text/event-stream`' : '';
  return `The upstream's answer, byte for byte${stream}`;
}

function refusalsOf({ kind }: RelayRoute): Operation['responses'] {
  const statuses = Object.entries(REFUSED).filter(
    ([status]) => kind === 'relay' || status === '401' || status === '404',
  );
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/RelayError' } } };
  return Object.fromEntries(
    statuses
      .filter(([status]) => kind !== 'list-models' || status !== '404')
      .map(([status, description]) => [status, { description, content }]),
  );
}

function operationIdOf({ path, kind }: RelayRoute): string {
  if (kind === 'list-models') return 'relayListModels';
  if (kind === 'get-model') return 'relayGetModel';
  const words = path.replace(/^\/v1\//, '').split('/');
  return `relay${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}
