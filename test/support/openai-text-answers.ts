import {
  type ApiAnswer,
  type ApiRoutes,
  CREATED_AT,
  dataEvent,
  fieldsOf,
  jsonAnswer,
  streamAnswer,
} from './api-answer';
import { isRecord } from './fake-openai-text';
import type { RecordedExchange } from './recorded-exchange';

type Fields = Readonly<Record<string, unknown>>;

/** What a model says: the pieces of a text, or of the arguments of a call. */
interface Said {
  readonly pieces: readonly string[];
  readonly isCall: boolean;
}

const USAGE = { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 };
const DONE = 'data: [DONE]\n\n';
const VECTOR = Float32Array.from([0.5, -0.25, 0.125, 0, 1, -1, 0.75, 0.0625]);

/** OpenAI's answers about text: chats, completions, embeddings, moderations, and the order of documents. */
export const openAiTextRoutes: ApiRoutes = {
  'POST /v1/chat/completions': (exchange) => {
    const asked = fieldsOf(exchange);
    return asked['stream'] === true ? chatStream(asked) : jsonAnswer(chat(asked));
  },
  'POST /v1/completions': completion,
  'POST /v1/embeddings': embeddings,
  'POST /v1/moderations': () =>
    jsonAnswer({
      id: 'modr-1',
      model: 'omni-moderation-latest',
      results: [{ flagged: false, category_scores: { hate: 1e-7 } }],
    }),
  'POST /v1/rerank': () => jsonAnswer({ id: 'rerank-1', results: [{ index: 1, relevance_score: 0.98 }] }),
};

function saidTo(asked: Fields): Said {
  if (asked['tools'] !== undefined) return { pieces: ['{"city":', '"Genève"', '}'], isCall: true };
  if (asked['response_format'] !== undefined) return { pieces: ['{"answer":', '42}'], isCall: false };
  return { pieces: ['Grüße, ', '世界', ' 🌍!'], isCall: false };
}

function chat(asked: Fields): object {
  const { pieces, isCall } = saidTo(asked);
  const text = pieces.join('');
  const message = isCall ? { content: null, tool_calls: [toolCall(text)] } : { content: text };
  const finish = isCall ? 'tool_calls' : 'stop';
  const choices = [{ index: 0, message: { role: 'assistant', ...message }, logprobs: null, finish_reason: finish }];
  return { ...head('chat.completion', asked), choices, usage: USAGE };
}

function chatStream(asked: Fields): ApiAnswer {
  const { pieces, isCall } = saidTo(asked);
  const event = (delta: object, finish: string | null = null): string =>
    dataEvent({
      ...head('chat.completion.chunk', asked),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
  const first = isCall ? { content: null, tool_calls: [{ index: 0, ...toolCall('') }] } : { content: '' };
  const options = asked['stream_options'];
  const wantsUsage = isRecord(options) && options['include_usage'] === true;
  return streamAnswer([
    ': a comment\n\n',
    event({ role: 'assistant', ...first }),
    ...pieces.map((piece) =>
      event(isCall ? { tool_calls: [{ index: 0, function: { arguments: piece } }] } : { content: piece }),
    ),
    event({}, isCall ? 'tool_calls' : 'stop'),
    ...(wantsUsage ? [dataEvent({ ...head('chat.completion.chunk', asked), choices: [], usage: USAGE })] : []),
    DONE,
  ]);
}

function toolCall(text: string): object {
  return { id: 'call_1', type: 'function', function: { name: 'weather', arguments: text } };
}

function completion(exchange: RecordedExchange): ApiAnswer {
  const asked = fieldsOf(exchange);
  const said = (text: string, finish: string | null): object => ({
    ...head('text_completion', asked),
    choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
  });
  if (asked['stream'] !== true) return jsonAnswer({ ...said('one two', 'stop'), usage: USAGE });
  return streamAnswer([dataEvent(said('one ', null)), dataEvent(said('two', 'stop')), DONE]);
}

function embeddings(exchange: RecordedExchange): ApiAnswer {
  const { model, input, encoding_format: encoding } = fieldsOf(exchange);
  const embedding = encoding === 'base64' ? Buffer.from(VECTOR.buffer).toString('base64') : Array.from(VECTOR);
  const data = (Array.isArray(input) ? input : [input]).map((_, index) => ({ object: 'embedding', index, embedding }));
  return jsonAnswer({ object: 'list', data, model, usage: { prompt_tokens: 8, total_tokens: 8 } });
}

function head(object: string, { model }: Fields): object {
  return { id: 'chatcmpl-1', object, created: CREATED_AT, model, system_fingerprint: 'fp_1' };
}
