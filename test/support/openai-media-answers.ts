import {
  type ApiAnswer,
  type ApiRoutes,
  chunkedAnswer,
  CREATED_AT,
  fieldsOf,
  jsonAnswer,
  namedEvent,
  streamAnswer,
  wholeAnswer,
} from './api-answer';
import type { RecordedExchange } from './recorded-exchange';

const SOUND_BYTES = 100_000;
const IMAGE = Buffer.from('\x89PNG\r\n\x1a\nnot really', 'latin1').toString('base64');
const SPOKEN = 'Grüße, 世界';

/** OpenAI's answers about images and sound. */
export const openAiMediaRoutes: ApiRoutes = {
  'POST /v1/images/generations': (exchange) =>
    fieldsOf(exchange)['stream'] === true ? imageStream() : jsonAnswer(images()),
  'POST /v1/images/edits': () => jsonAnswer(images()),
  'POST /v1/images/variations': () => jsonAnswer(images()),
  'POST /v1/audio/speech': () => chunkedAnswer(sound(), 'audio/mpeg'),
  'POST /v1/audio/transcriptions': transcription,
  'POST /v1/audio/translations': () => jsonAnswer({ text: 'Greetings, world' }),
};

/** Every value that a byte can have, over and over. */
export function sound(): Buffer {
  return Buffer.from(Array.from({ length: SOUND_BYTES }, (_, at) => (at * 31) % 256));
}

function images(): object {
  return {
    created: CREATED_AT,
    data: [{ b64_json: IMAGE }],
    usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
  };
}

function imageStream(): ApiAnswer {
  const image = { b64_json: IMAGE, created_at: CREATED_AT, size: '1024x1024' };
  return streamAnswer([
    namedEvent('image_generation.partial_image', { ...image, partial_image_index: 0 }),
    namedEvent('image_generation.completed', { ...image }),
  ]);
}

function transcription(exchange: RecordedExchange): ApiAnswer {
  if (formField(exchange, 'stream') === 'true') {
    return streamAnswer([
      namedEvent('transcript.text.delta', { delta: SPOKEN }),
      namedEvent('transcript.text.done', { text: SPOKEN }),
    ]);
  }
  if (formField(exchange, 'response_format') === 'text') return wholeAnswer(`${SPOKEN}\n`, 'text/plain; charset=utf-8');
  return jsonAnswer({ text: SPOKEN, usage: { type: 'duration', seconds: 3 } });
}

function formField({ requestBody }: RecordedExchange, name: string): string | undefined {
  return new RegExp(`name="${name}"\r\n\r\n(.*)\r\n`).exec(requestBody.toString('latin1'))?.[1];
}
