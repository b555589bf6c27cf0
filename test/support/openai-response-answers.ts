import { createHash } from 'node:crypto';
import {
  type ApiAnswer,
  type ApiRoutes,
  CREATED_AT,
  fieldsOf,
  jsonAnswer,
  namedEvent,
  streamAnswer,
} from './api-answer';
import type { RecordedExchange } from './recorded-exchange';

const TEXT = 'Grüße, 世界';

/** OpenAI's answers about responses: each has an id that says by which request it was made. */
export const openAiResponseRoutes: ApiRoutes = {
  'POST /v1/responses': create,
  'GET /v1/responses/{id}': (exchange) => jsonAnswer(response(idIn(exchange), 'completed')),
  'DELETE /v1/responses/{id}': (exchange) => jsonAnswer({ id: idIn(exchange), object: 'response', deleted: true }),
  'POST /v1/responses/{id}/cancel': (exchange) => jsonAnswer(response(idIn(exchange), 'cancelled')),
  'GET /v1/responses/{id}/input_items': () => {
    const content = [{ type: 'input_text', text: 'Hello!' }];
    const data = [{ id: 'msg_in', type: 'message', role: 'user', content }];
    return jsonAnswer({ object: 'list', data, first_id: 'msg_in', last_id: 'msg_in', has_more: false });
  },
};

function create(exchange: RecordedExchange): ApiAnswer {
  const id = `resp_${createHash('sha256').update(exchange.requestBody).digest('hex').slice(0, 48)}`;
  const { stream, background } = fieldsOf(exchange);
  if (stream !== true) return jsonAnswer(response(id, background === true ? 'queued' : 'completed'));
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  return streamAnswer([
    namedEvent('response.created', { sequence_number: 0, response: response(id, 'in_progress') }),
    namedEvent('response.output_text.delta', { sequence_number: 1, ...place, delta: TEXT }),
    namedEvent('response.completed', { sequence_number: 2, response: response(id, 'completed') }),
  ]);
}

function response(id: string, status: string): object {
  const content = [{ type: 'output_text', text: TEXT, annotations: [] }];
  const output = status === 'completed' ? [{ id: 'msg_1', type: 'message', role: 'assistant', status, content }] : [];
  const usage = { input_tokens: 9, output_tokens: 12, total_tokens: 21 };
  return { id, object: 'response', created_at: CREATED_AT, status, model: 'gpt-4o', output, error: null, usage };
}

function idIn({ target }: RecordedExchange): string {
  return /resp_\w+/.exec(target)?.[0] ?? '';
}
