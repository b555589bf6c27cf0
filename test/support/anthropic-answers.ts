import { createHash } from 'node:crypto';
import {
  type ApiAnswer,
  type ApiRoutes,
  fieldsOf,
  jsonAnswer,
  namedEvent,
  streamAnswer,
  wholeAnswer,
} from './api-answer';
import type { RecordedExchange } from './recorded-exchange';

const TEXT = 'Grüße, 世界';
const USAGE = { input_tokens: 9, output_tokens: 12 };
const DATE = '2026-01-01T00:00:00Z';

/** Anthropic's answers about messages and batches of them: each batch has an id that says by which request it was made. */
export const anthropicRoutes: ApiRoutes = {
  'POST /v1/messages': (exchange) => {
    const { model, stream } = fieldsOf(exchange);
    return stream === true ? messageStream(model) : jsonAnswer(message(model));
  },
  'POST /v1/messages/count_tokens': () => jsonAnswer({ input_tokens: 12 }),
  'POST /v1/messages/batches': (exchange) => {
    const digest = createHash('sha256').update(exchange.requestBody).digest('hex');
    return jsonAnswer(batch(`msgbatch_${digest.slice(0, 24)}`, 'in_progress'));
  },
  'GET /v1/messages/batches/{id}': (exchange) => jsonAnswer(batch(idIn(exchange), 'ended')),
  'POST /v1/messages/batches/{id}/cancel': (exchange) => jsonAnswer(batch(idIn(exchange), 'canceling')),
  'DELETE /v1/messages/batches/{id}': (exchange) => jsonAnswer({ id: idIn(exchange), type: 'message_batch_deleted' }),
  'GET /v1/messages/batches/{id}/results': () => {
    const result = { type: 'succeeded', message: message('claude-sonnet-5') };
    const lines = ['one', 'two'].map((name) => `${JSON.stringify({ custom_id: name, result })}\n`);
    return wholeAnswer(lines.join(''), 'application/x-jsonl');
  },
};

function message(model: unknown): object {
  const content = [{ type: 'text', text: TEXT }];
  return { ...head(model), content, stop_reason: 'end_turn', stop_sequence: null, usage: USAGE };
}

function messageStream(model: unknown): ApiAnswer {
  const started = { ...head(model), content: [], stop_reason: null, stop_sequence: null, usage: USAGE };
  const delta = (text: string): string =>
    namedEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
  return streamAnswer([
    namedEvent('message_start', { message: started }),
    namedEvent('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    namedEvent('ping'),
    ...Array.from(TEXT, delta),
    namedEvent('content_block_stop', { index: 0 }),
    namedEvent('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: USAGE }),
    namedEvent('message_stop'),
  ]);
}

function head(model: unknown): object {
  return { id: 'msg_1', type: 'message', role: 'assistant', model };
}

function batch(id: string, status: string): object {
  const request_counts = { processing: 0, succeeded: 2, errored: 0, canceled: 0, expired: 0 };
  const times = { created_at: DATE, expires_at: DATE, ended_at: DATE, archived_at: null, cancel_initiated_at: null };
  // Anthropic's own names its host, to which the client would go with what opens the gateway.
  const results_url = `/v1/messages/batches/${id}/results`;
  return { id, type: 'message_batch', processing_status: status, request_counts, ...times, results_url };
}

function idIn({ target }: RecordedExchange): string {
  return /msgbatch_\w+/.exec(target)?.[0] ?? '';
}
