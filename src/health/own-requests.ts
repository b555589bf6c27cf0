import type { Readable } from 'node:stream';
import { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import { AppConfig } from '../config/app-config';
import { type Destination, guardedRequest } from './outbound-request';
import type { UpstreamAnswer } from './verdict/verdict';

/** A request that we write ourselves, for no caller. */
export interface OwnRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: object | null;
}

/** A whole answer to a request of our own, or its beginning; may quote the key. */
export interface OwnAnswer extends UpstreamAnswer {
  /** False: the answer was longer than anybody reads. */
  readonly isWhole: boolean;
}

export interface OwnLimits {
  readonly timeoutMs: number;
  /** What is beyond is not read. */
  readonly mostBytes: number;
  readonly signal?: AbortSignal;
}

/** Sends requests of our own to upstreams, and nowhere else. */
@Injectable()
export class OwnRequests {
  constructor(
    private readonly http: HttpService,
    private readonly config: AppConfig,
  ) {}

  /** The answer, or the code of the error that came instead: `ETIMEDOUT` when time ran out. */
  async send(
    request: OwnRequest,
    destination: Destination,
    { timeoutMs, mostBytes, signal }: OwnLimits,
  ): Promise<OwnAnswer | string> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const { status, headers, data } = await firstValueFrom(
        this.http.request<Readable>({
          ...guardedRequest(destination, this.config.upstreamAllow),
          url: request.url,
          method: request.method,
          headers: { ...request.headers },
          ...(request.body && { data: request.body }),
          responseType: 'stream',
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        }),
      );
      const body = await readStart(data, mostBytes);
      return {
        status,
        header: (name) => String(headers[name] ?? ''),
        body: body.toString('utf8'),
        isWhole: body.length < mostBytes,
      };
    } catch (error) {
      if (timeout.aborted) return 'ETIMEDOUT';
      // The code alone: an error of the client holds the whole request, and with it the key.
      const { code } = error as { code?: unknown };
      return typeof code === 'string' ? code : '';
    }
  }
}

async function readStart(stream: Readable, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= mostBytes) break;
  }
  return Buffer.concat(chunks, Math.min(length, mostBytes));
}
