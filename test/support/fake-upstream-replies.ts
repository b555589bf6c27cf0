import type { OutgoingHttpHeaders } from 'node:http';
import { gzipSync } from 'node:zlib';
import { answerLikeOpenAi, sendOpenAiError, sendText, sendTextStream, startEventStream } from './fake-openai';
import { streamTexts, type StreamOptions } from './fake-openai-text';
import type { Exchange } from './fake-upstream-exchange';

/** How the fake upstream treats one request; keeps no state, so that it can be used again and again. */
export type Answer = (exchange: Exchange) => void | Promise<void>;

interface StatusOptions {
  readonly headers?: OutgoingHttpHeaders;
  readonly message?: string;
  readonly type?: string;
  readonly code?: string | null;
}

// Long enough for what was written to be read: a reset throws away what the other side has not read yet.
const BEFORE_RESET_MS = 100;
const PROMISED_BYTES = 4096;

const ERROR_CODES: Readonly<Record<number, { type: string; code: string | null }>> = {
  401: { type: 'invalid_request_error', code: 'invalid_api_key' },
  404: { type: 'invalid_request_error', code: 'model_not_found' },
  429: { type: 'requests', code: 'rate_limit_exceeded' },
  500: { type: 'server_error', code: null },
  503: { type: 'server_error', code: null },
};

export const replies = {
  /** What an upstream does that is well and knows the key. */
  normal: (): Answer => answerLikeOpenAi,

  json: (status: number, body: unknown, headers?: OutgoingHttpHeaders): Answer => {
    return (exchange) => {
      exchange.sendJson(status, body, headers);
    };
  },

  /** A chat or completion with this text, streamed if the request asks for it. */
  chat: (text: string): Answer => {
    return (exchange) => sendText(exchange, text);
  },

  /** A stream of these pieces of text, whatever the request asks for. */
  stream: (chunks: readonly string[], options: StreamOptions = {}): Answer => {
    return (exchange) => sendTextStream(exchange, chunks, options);
  },

  /** An event stream of exactly these characters, piece by piece. */
  events: (pieces: readonly string[], options: Pick<StreamOptions, 'delayMs'> = {}): Answer => {
    return async (exchange) => {
      startEventStream(exchange);
      for (const piece of pieces) {
        await exchange.write(piece);
        if (options.delayMs !== undefined) await exchange.pause(options.delayMs);
      }
      if (exchange.isOpen) exchange.response.end();
    };
  },

  /** An event stream of comments that never says anything. */
  endlessComments: (delayMs: number): Answer => {
    return async (exchange) => {
      startEventStream(exchange);
      while (exchange.isOpen) {
        await exchange.write(': keep-alive\n\n');
        await exchange.pause(delayMs);
      }
    };
  },

  /** An error in OpenAI's shape. */
  status: (status: number, { headers, ...text }: StatusOptions = {}): Answer => {
    const usual = ERROR_CODES[status] ?? { type: 'invalid_request_error', code: null };
    return (exchange) => {
      sendOpenAiError(exchange, status, { message: `Scripted answer ${status}.`, ...usual, ...text }, headers);
    };
  },

  /** A page as proxies and captive portals send it. */
  html: (status: number): Answer => {
    return (exchange) => {
      const page = `<!DOCTYPE html><html><head><title>${status}</title></head><body><h1>cloudflare</h1></body></html>`;
      exchange.send(status, page, { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' });
    };
  },

  redirect: (url: string, status = 302): Answer => {
    return (exchange) => {
      exchange.send(status, '', { location: url });
    };
  },

  /** Reads the request and never answers. */
  hang: (): Answer => () => undefined,

  /** Sends the head of a good answer and nothing after it. */
  hangAfterHeaders: (contentType = 'text/event-stream'): Answer => {
    return (exchange) => {
      exchange.start(200, { 'content-type': contentType });
      exchange.response.flushHeaders();
    };
  },

  /** Streams these pieces of text, then neither says more nor ends. */
  hangMidStream: (chunks: readonly string[]): Answer => {
    return (exchange) => startTextStream(exchange, chunks);
  },

  /** Waits, then answers. */
  after: (delayMs: number, answer: Answer): Answer => {
    return async (exchange) => {
      await exchange.pause(delayMs);
      if (exchange.isOpen) await answer(exchange);
    };
  },

  /** Resets the connection in place of an answer. */
  reset: (): Answer => {
    return (exchange) => {
      exchange.sever('reset');
    };
  },

  /** Streams these pieces of text, then resets the connection. */
  resetMidStream: (chunks: readonly string[]): Answer => {
    return async (exchange) => {
      await startTextStream(exchange, chunks);
      await exchange.pause(BEFORE_RESET_MS);
      exchange.sever('reset');
    };
  },

  /** Sends the body one byte at a time; a number stands for that many spaces. */
  trickle: (bytes: string | Buffer | number, delayMs: number): Answer => {
    const body = Buffer.from(typeof bytes === 'number' ? ' '.repeat(bytes) : bytes);
    return async (exchange) => {
      exchange.start(200, { 'content-type': 'application/json', 'content-length': body.length });
      for (let at = 0; at < body.length && exchange.isOpen; at += 1) {
        await exchange.write(body.subarray(at, at + 1));
        await exchange.pause(delayMs);
      }
      if (exchange.isOpen) exchange.response.end();
    };
  },

  /** Promises more bytes than it sends, then closes. */
  truncated: (body: string | Buffer = '{"id":"chatcmpl-fake","choi'): Answer => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) + PROMISED_BYTES };
    return async (exchange) => {
      exchange.start(200, headers);
      await exchange.write(body);
      exchange.sever('close');
    };
  },

  /** A compressed body that ends before the compression does, while the HTTP message is whole. */
  truncatedGzip: (): Answer => {
    const whole = gzipSync(JSON.stringify({ numbers: Array.from({ length: PROMISED_BYTES }, (_, at) => at * at) }));
    const half = whole.subarray(0, whole.length / 2);
    return (exchange) => {
      exchange.send(200, half, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    };
  },

  /** Anything else. */
  raw: (answer: Answer): Answer => answer,
} as const;

async function startTextStream(exchange: Exchange, chunks: readonly string[]): Promise<void> {
  startEventStream(exchange);
  const head = { model: 'gpt-4o', isChat: true, created: 0 };
  // The last two events are the end and `[DONE]`.
  for (const event of streamTexts(head, chunks, {}).slice(0, -2)) await exchange.write(event);
}
