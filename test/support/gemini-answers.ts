import { type ApiAnswer, type ApiRoutes, fieldsOf, jsonAnswer, streamAnswer, wholeAnswer } from './api-answer';
import type { RecordedExchange } from './recorded-exchange';

const PIECES = ['Grüße, ', '世界', ' 🌍!'];
const EMBEDDING = { values: [0.5, -0.25, 0.125] };
const USAGE = { promptTokenCount: 9, candidatesTokenCount: 12, totalTokenCount: 21 };

/** Gemini's answers about contents and embeddings. */
export const geminiRoutes: ApiRoutes = {
  'POST /v1beta/models/{model}:generateContent': () => jsonAnswer(said(PIECES.join(''))),
  'POST /v1beta/models/{model}:streamGenerateContent': stream,
  'POST /v1beta/models/{model}:countTokens': () => jsonAnswer({ totalTokens: 12 }),
  'POST /v1beta/models/{model}:embedContent': () => jsonAnswer({ embedding: EMBEDDING }),
  'POST /v1beta/models/{model}:batchEmbedContents': (exchange) => {
    const { requests } = fieldsOf(exchange);
    return jsonAnswer({ embeddings: (requests as unknown[]).map(() => EMBEDDING) });
  },
};

/** As events where the query says so, else as one JSON array. */
function stream({ target }: RecordedExchange): ApiAnswer {
  const values = PIECES.map((piece) => JSON.stringify(said(piece)));
  if (!/[?&]alt=sse\b/.test(target)) return wholeAnswer(`[${values.join(',\r\n')}]`, 'application/json; charset=UTF-8');
  return streamAnswer(values.map((value) => `data: ${value}\r\n\r\n`));
}

function said(text: string): object {
  const candidates = [{ content: { parts: [{ text }], role: 'model' }, finishReason: 'STOP', index: 0 }];
  return { candidates, usageMetadata: USAGE, modelVersion: 'gemini-2.5-flash', responseId: 'r1' };
}
