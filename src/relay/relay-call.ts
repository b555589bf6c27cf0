import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect } from '../channels/dialect';
import { REQUEST_ID_HEADER, requestIdOf } from '../common/request-id';
import { corsHeaders } from './access/cors';
import type { Reservation } from './access/token-budgets';
import { errorBody } from './answer/error-shape';
import type { Refusal } from './answer/refusal';
import { discardBody } from './body/request-body';

/** One request of a client, and the way to answer it: every answer of ours goes out through here. */
export class RelayCall {
  readonly requestId: string;
  readonly startedAtMs = Date.now();
  /** In which shape refusals go out; the routes know. */
  dialect: Dialect = 'openai';
  /** A flat list, on every answer: the request's id, what browsers ask for, the limits of the token. */
  readonly ownHeaders: string[];
  /** Its share of the token's budget; null until it is let in. */
  reservation: Reservation | null = null;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {
    this.requestId = requestIdOf(request.headers[REQUEST_ID_HEADER]);
    this.ownHeaders = [REQUEST_ID_HEADER, this.requestId, ...corsHeaders(request.headers.origin)];
  }

  /** Whether nobody waits for the answer any more. */
  get isGone(): boolean {
    return this.response.destroyed || this.request.socket.destroyed;
  }

  /** Calls the listener once, when the answer has gone out or its client is gone. */
  onceClosed(listener: () => void): void {
    const { request, response } = this;
    const { socket } = request;
    const tell = (): void => {
      response.off('close', tell);
      socket.off('close', tell);
      listener();
    };
    response.on('close', tell);
    // An answer that waits for its turn behind an earlier one on this connection hears nothing of the connection.
    if (!response.socket) socket.on('close', tell);
  }

  /** Answers with a refusal, if no answer has begun. */
  refuse(refusal: Refusal, extraHeaders: readonly string[] = []): void {
    if (this.response.headersSent || this.response.destroyed) return;
    const body = Buffer.from(errorBody(refusal, this.dialect, this.requestId));
    const headers = [...this.jsonHeaders(body.length), ...extraHeaders];
    if (refusal.shouldRetry !== undefined) headers.push('x-should-retry', String(refusal.shouldRetry));
    if (refusal.retryAfterS !== undefined) headers.push('retry-after', String(refusal.retryAfterS));
    if (refusal.allow !== undefined) headers.push('allow', refusal.allow);
    this.response.writeHead(refusal.status, headers);
    this.endWith(body);
  }

  /**
   * Ends an answer whose head is written. A client that still sends what is being read is heard out first: a connection that
   * is closed before takes the answer with it, unread.
   */
  endWith(last: Buffer | null): void {
    const { request, response } = this;
    if (request.readableFlowing === null || request.readableEnded) response.end(last ?? undefined);
    else {
      if (last) response.write(last);
      discardBody(request, () => {
        response.end();
      });
    }
  }

  sendJson(value: object): void {
    this.sendBody(Buffer.from(JSON.stringify(value)), []);
  }

  sendBody(json: Buffer, extraHeaders: readonly string[]): void {
    this.response.writeHead(200, [...this.jsonHeaders(json.length), ...extraHeaders]);
    this.response.end(json);
  }

  private jsonHeaders(length: number): string[] {
    return [...this.ownHeaders, 'content-type', 'application/json', 'content-length', String(length)];
  }
}
