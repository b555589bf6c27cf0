export const JSON_MODEL = 'bench-json';
export const STREAM_MODEL = 'bench-stream';
export const CHUNKS_PER_STREAM = 50;
export const CHUNK_PACE_MS = 4;

const BODY_BYTES = 1024;

/** A chat request of 1 KB. */
export const JSON_BODY = filled((filler) => chatRequest(JSON_MODEL, false, filler));
export const STREAM_BODY = filled((filler) => chatRequest(STREAM_MODEL, true, filler));

/** A chat answer of 1 KB. */
export const ANSWER = filled((filler) =>
  JSON.stringify({
    id: 'chatcmpl-0123456789abcdefghijklmnopqrs',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: JSON_MODEL,
    choices: [{ index: 0, message: { role: 'assistant', content: filler }, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 180, completion_tokens: 140, total_tokens: 320 },
  }),
);

/** One event of a streamed answer. */
export const CHUNK = `data: ${JSON.stringify({
  id: 'chatcmpl-0123456789abcdefghijklmnopqrs',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: STREAM_MODEL,
  choices: [{ index: 0, delta: { content: ' word' }, logprobs: null, finish_reason: null }],
})}\n\n`;

function chatRequest(model: string, isStream: boolean, content: string): string {
  return JSON.stringify({ model, stream: isStream, temperature: 0.7, messages: [{ role: 'user', content }] });
}

function filled(build: (filler: string) => string): string {
  return build('lorem ipsum '.repeat(BODY_BYTES).slice(0, BODY_BYTES - build('').length));
}
