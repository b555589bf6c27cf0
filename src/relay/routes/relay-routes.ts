import type { Dialect } from '../../channels/dialect';

/**
 * Who answers. `relay`: an upstream that serves the model; `object`: the upstream key that created the object named in the
 * path; the others are answered from memory.
 */
type RouteKind = 'relay' | 'object' | 'list-models' | 'get-model' | 'about';

/** Where a request names its model: in a JSON body, in a form, in each entry of a batch, or in the path. */
export type ModelPlace = 'body' | 'form' | 'batch' | 'path';

/** A method and path that is answered. */
export interface RelayRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With at most one `{…}`; `{model}` may hold slashes. */
  readonly path: string;
  /** Whose API this is: who may serve it, and in which shape it is refused. */
  readonly dialect: Dialect;
  readonly kind: RouteKind;
  readonly summary: string;
  /** Given where `kind` is `relay`. */
  readonly modelIn?: ModelPlace;
  /** Serves where the API lets a request leave its model out. */
  readonly defaultModel?: string;
  /** A body that works against any upstream; for the documentation. */
  readonly example?: object;
  /** As an event stream: when the body says so, or always. */
  readonly streams?: 'on-request' | 'always';
  /** Takes `stream_options.include_usage`. */
  readonly hasStreamOptions?: boolean;
  /** The answer is an object that later requests name by its id. */
  readonly creates?: boolean;
  /** The object is gone once this has succeeded. */
  readonly deletes?: boolean;
}

const MESSAGES = [{ role: 'user', content: 'Hello!' }];
const CONTENTS = [{ parts: [{ text: 'Hello!' }] }];

/** Every route of the relay; the handler serves from this table and Swagger documents it. */
export const RELAY_ROUTES: readonly RelayRoute[] = [
  {
    ...fromBody('/v1/chat/completions', 'Chat completion', { model: 'gpt-3.5-turbo', messages: MESSAGES }),
    streams: 'on-request',
    hasStreamOptions: true,
  },
  {
    ...fromBody('/v1/completions', 'Text completion', { model: 'gpt-3.5-turbo-instruct', prompt: 'Hello' }),
    streams: 'on-request',
    hasStreamOptions: true,
  },
  {
    ...fromBody('/v1/responses', 'Response; later requests for it go to the key that made it', {
      model: 'gpt-4o',
      input: 'Hello',
    }),
    streams: 'on-request',
    creates: true,
  },
  ofObject('GET', '/v1/responses/{response_id}', 'One response'),
  { ...ofObject('DELETE', '/v1/responses/{response_id}', 'Delete a response'), deletes: true },
  ofObject('GET', '/v1/responses/{response_id}/input_items', 'Input items of a response'),
  ofObject('POST', '/v1/responses/{response_id}/cancel', 'Cancel a response that runs in the background'),
  fromBody('/v1/embeddings', 'Embeddings', { model: 'text-embedding-3-small', input: 'Hello' }),
  {
    ...fromBody('/v1/images/generations', 'Images from a prompt', { model: 'gpt-image-1', prompt: 'A cat' }),
    defaultModel: 'dall-e-2',
    streams: 'on-request',
  },
  {
    ...fromForm('/v1/images/edits', 'Images from images and a prompt'),
    defaultModel: 'dall-e-2',
    streams: 'on-request',
  },
  { ...fromForm('/v1/images/variations', 'Variations of an image'), defaultModel: 'dall-e-2' },
  fromBody('/v1/audio/speech', 'Speech from text', { model: 'tts-1', input: 'Hello', voice: 'alloy' }),
  fromForm('/v1/audio/transcriptions', 'Text from speech'),
  fromForm('/v1/audio/translations', 'English text from speech'),
  {
    ...fromBody('/v1/moderations', 'Moderation', { model: 'omni-moderation-latest', input: 'Hello' }),
    defaultModel: 'omni-moderation-latest',
  },
  fromBody('/v1/rerank', 'Documents in the order of their relevance', {
    model: 'rerank-v3.5',
    query: 'Hello',
    documents: ['Good morning', 'Good bye'],
  }),
  ofMemory('/v1', 'about', 'What is here'),
  ofMemory(
    '/v1/models',
    'list-models',
    'Models that this token may use; with `anthropic-version` in the shape of that API',
  ),
  ofMemory('/v1/models/{model}', 'get-model', 'One model'),
  {
    ...fromBody('/v1/messages', 'Message of the Anthropic API', {
      model: 'claude-sonnet-5',
      max_tokens: 100,
      messages: MESSAGES,
    }),
    dialect: 'anthropic',
    streams: 'on-request',
  },
  {
    ...fromBody('/v1/messages/count_tokens', 'Tokens of a message', { model: 'claude-sonnet-5', messages: MESSAGES }),
    dialect: 'anthropic',
  },
  {
    ...fromBody('/v1/messages/batches', 'Batch of messages; later requests for it go to the key that made it', {
      requests: [{ custom_id: '1', params: { model: 'claude-sonnet-5', max_tokens: 100, messages: MESSAGES } }],
    }),
    dialect: 'anthropic',
    modelIn: 'batch',
    creates: true,
  },
  { ...ofObject('GET', '/v1/messages/batches/{batch_id}', 'One batch'), dialect: 'anthropic' },
  { ...ofObject('DELETE', '/v1/messages/batches/{batch_id}', 'Delete a batch'), dialect: 'anthropic', deletes: true },
  { ...ofObject('POST', '/v1/messages/batches/{batch_id}/cancel', 'Cancel a batch'), dialect: 'anthropic' },
  { ...ofObject('GET', '/v1/messages/batches/{batch_id}/results', 'Results of a batch'), dialect: 'anthropic' },
  {
    ...ofMemory('/v1beta/models', 'list-models', 'Models that this token may use, in the shape of the Gemini API'),
    dialect: 'gemini',
  },
  { ...ofMemory('/v1beta/models/{model}', 'get-model', 'One model in the shape of the Gemini API'), dialect: 'gemini' },
  fromPath('generateContent', 'Content of the Gemini API', { contents: CONTENTS }),
  { ...fromPath('streamGenerateContent', 'The same as a stream', { contents: CONTENTS }), streams: 'always' },
  fromPath('countTokens', 'Tokens of a content', { contents: CONTENTS }),
  fromPath('embedContent', 'Embedding of a content', { content: CONTENTS[0] ?? {} }),
  fromPath('batchEmbedContents', 'Embeddings of several contents', {
    requests: [{ model: 'models/gemini-embedding-001', content: CONTENTS[0] ?? {} }],
  }),
];

function fromBody(path: string, summary: string, example: object): RelayRoute {
  return { method: 'POST', path, dialect: 'openai', kind: 'relay', modelIn: 'body', summary, example };
}

function fromForm(path: string, summary: string): RelayRoute {
  return { method: 'POST', path, dialect: 'openai', kind: 'relay', modelIn: 'form', summary };
}

function fromPath(action: string, summary: string, example: object): RelayRoute {
  const path = `/v1beta/models/{model}:${action}`;
  return { method: 'POST', path, dialect: 'gemini', kind: 'relay', modelIn: 'path', summary, example };
}

function ofObject(method: RelayRoute['method'], path: string, summary: string): RelayRoute {
  return { method, path, dialect: 'openai', kind: 'object', summary };
}

function ofMemory(path: string, kind: RouteKind, summary: string): RelayRoute {
  return { method: 'GET', path, dialect: 'openai', kind, summary };
}
