import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newRequestId, REQUEST_ID_HEADER } from './common/request-id';
import { errorBody } from './relay/answer/error-shape';
import { REFUSALS, type Refusal } from './relay/answer/refusal';

const LONGEST_LINGER_MS = 2_000;

/** What to say of an error that the HTTP parser, or its watch over slow clients, found on a connection. */
export function refusalOf({ code }: NodeJS.ErrnoException): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return REFUSALS.tooSlow;
  return code === 'HPE_HEADER_OVERFLOW' ? REFUSALS.headTooLarge : REFUSALS.malformed;
}

/** Answers on a connection whose request never became one, if anything was asked there, and closes it within 2 s. */
export function refuseOnSocket(socket: Socket, refusal: Refusal): void {
  if (!socket.writable || socket.bytesRead === 0) {
    socket.destroy();
    return;
  }
  socket.end(rawAnswer(refusal));
  // A connection that is closed while the client still sends takes our answer with it, unread.
  const timer = setTimeout(() => {
    socket.destroy();
  }, LONGEST_LINGER_MS);
  timer.unref();
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

function rawAnswer(refusal: Refusal): string {
  const requestId = newRequestId();
  const body = errorBody(refusal, 'openai', requestId);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
    `date: ${new Date().toUTCString()}`,
    `${REQUEST_ID_HEADER}: ${requestId}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-should-retry: ${String(refusal.shouldRetry ?? false)}`,
    'connection: close',
  ];
  if (refusal.allow !== undefined) head.push(`allow: ${refusal.allow}`);
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
