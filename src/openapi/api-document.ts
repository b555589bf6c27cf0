import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../system/version';
import { RELAY_ERRORS } from './relay-errors';
import { relayPaths } from './relay-paths';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const DESCRIPTION = `An OpenAI-compatible gateway over pools of upstream API keys.

**To try it here**: press *Authorize* and paste the admin token (without \`Bearer\`) under *admin*; the first start wrote it to
\`DATA_DIR/admin-token\`. Then go from top to bottom: make a channel, import keys, look at them, issue a client token, paste that
one under *relay*, and send a chat request. This page keeps both tokens in this browser's local storage.`;

const ERROR_ENVELOPE = {
  type: 'object',
  required: ['success', 'message', 'code', 'data', 'request_id'],
  properties: {
    success: { type: 'boolean', enum: [false] },
    message: { type: 'string' },
    code: { type: 'string', description: 'UPPER_SNAKE and stable; docs/errors.md lists them' },
    data: { type: 'object', nullable: true },
    request_id: { type: 'string' },
    error_id: { type: 'string', description: 'Names an unforeseen error in the log' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const QUICK_START = [
  '/api/channel',
  '/api/channel/multi-key/settings',
  '/api/channel/keys/import',
  '/api/channel/{id}/keys/details',
  '/api/channel/keys/toggle',
  '/api/channel/{id}/keys/stats',
  '/api/channel/keys/batch-toggle',
  '/api/channel/{id}/keys/batches',
  '/api/channel/keys/batch-toggle-by-batch',
];

/** What every guarded operation may answer besides its own refusals. */
const COMMON_REFUSALS: Readonly<Record<string, string>> = {
  401: 'UNAUTHORIZED: the admin token is missing or wrong',
  403: 'FORBIDDEN: this is a relay token',
  500: 'INTERNAL_ERROR: `error_id` names it in the log',
  503: 'DATABASE_UNAVAILABLE: try again shortly',
};

/** The OpenAPI document of the admin API, from its controllers, and of the relay, from its routes table. */
export function apiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Keymux')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .addTag('Channels', 'Where to send requests, and how their keys are chosen')
    .addTag('Keys', 'The upstream keys of a channel')
    .addTag('Tokens', 'What client applications sign in with')
    .addTag('Usage', 'What was asked, which keys served it, and what came of it')
    .addTag('Relay', 'The OpenAI-compatible API')
    .addTag('Relay: Anthropic API', 'For clients of the Anthropic API, where a channel speaks it')
    .addTag('Relay: Gemini API', 'For clients of the Gemini API, where a channel speaks it')
    .addTag('System', 'This process')
    .addTag('Removal', 'What cannot be undone')
    .addSecurity('admin', { type: 'http', scheme: 'bearer', description: 'The admin token, without `Bearer`' })
    .addSecurity('relay', { type: 'http', scheme: 'bearer', description: 'A client token, `sk-km-...`' })
    .addSecurity('azure', { type: 'apiKey', in: 'header', name: 'api-key' })
    .addSecurity('anthropic', { type: 'apiKey', in: 'header', name: 'x-api-key' })
    .addSecurity('gemini', { type: 'apiKey', in: 'header', name: 'x-goog-api-key' })
    .build();
  const document = SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (_controller, method) => method,
  });
  guardAdminOperations(document);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ErrorEnvelope: ERROR_ENVELOPE, ...RELAY_ERRORS },
  };
  document.paths = { ...inQuickStartOrder(document.paths), ...relayPaths() };
  return document;
}

/** The calls of the quick start in its order, then the rest: who tries them from top to bottom gets through. */
function inQuickStartOrder(paths: OpenAPIObject['paths']): OpenAPIObject['paths'] {
  const rest = Object.keys(paths).filter((path) => !QUICK_START.includes(path));
  return Object.fromEntries([...QUICK_START, ...rest].map((path) => [path, paths[path] ?? {}]));
}

function guardAdminOperations(document: OpenAPIObject): void {
  for (const [path, { get, post, put, patch, delete: remove }] of Object.entries(document.paths)) {
    if (remove) remove.tags = ['Removal'];
    if (post && path.includes('/delete')) post.tags = ['Removal'];
    for (const operation of [get, post, put, patch, remove]) {
      if (operation && !operation.tags?.includes('System')) guard(operation);
    }
  }
}

function guard(operation: Operation): void {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/ErrorEnvelope' } } };
  const refusals = {
    ...COMMON_REFUSALS,
    ...(operation.parameters?.length && { 400: 'VALIDATION_FAILED: `errors` names the fields' }),
    ...(operation.requestBody && { 413: 'REQUEST_TOO_LARGE: send less at once' }),
  };
  operation.security = [{ admin: [] }];
  for (const [status, description] of Object.entries(refusals))
    operation.responses[status] ??= { description, content };
}
