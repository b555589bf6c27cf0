import type { Readable } from 'node:stream';
import { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import { Clock } from '../../common/clock';
import { AppConfig } from '../../config/app-config';
import type { KeyUpstream, RevealedKey } from '../../keys/key-reader';
import { retryHintMs } from '../cooling/retry-hint';
import { classifyTransport } from '../verdict/classifier';
import type { Verdict } from '../verdict/verdict';
import { redactKeys } from '../key-redaction';
import { guardedRequest } from '../outbound-request';
import { judgeProbe, type ProbeAnswer, unsupported } from './probe-judgement';
import type { ProbeDepth, ProbeReport } from './probe-report';
import { type ProbeRequest, probeRequests, type ProbeTarget } from './probe-requests';

const MOST_ANSWER_BYTES = 1024 * 1024;

/** How a key is to be tried. */
export interface ProbeAsk {
  readonly depth: ProbeDepth;
  /** The model to call instead of the channel's own choice. */
  readonly model?: string;
}

/** What an upstream answered to a probe, with every key in it masked. */
export interface ProbeOutcome extends Omit<ProbeReport, 'key'> {
  /** What the answer says, also where it is nothing against the key, such as an unknown model; null for a good answer. */
  readonly said: Verdict | null;
}

/** Tries keys with requests of our own, which go to the key's upstream and nowhere else. */
@Injectable()
export class UpstreamProbe {
  constructor(
    private readonly http: HttpService,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** Never throws: that no answer came is an outcome too, as is the end of `signal`. */
  async send(key: RevealedKey, { depth, model }: ProbeAsk, signal: AbortSignal): Promise<ProbeOutcome> {
    const startedAtMs = this.clock.nowMs();
    const told = await this.ask(key, targetOf(key, model), depth, signal);
    return { ...told, latencyMs: Math.round(this.clock.nowMs() - startedAtMs) };
  }

  private async ask(
    key: RevealedKey,
    target: ProbeTarget,
    depth: ProbeDepth,
    signal: AbortSignal,
  ): Promise<Omit<ProbeOutcome, 'latencyMs'>> {
    const { type, settings } = key.upstream;
    const requests = probeRequests(target, depth);
    for (const [index, request] of requests.entries()) {
      const answer = await this.exchange(request, target, signal);
      if (typeof answer === 'string') {
        const verdict = classifyTransport(answer);
        return { depth: request.depth, verdict, said: verdict, httpStatus: null, hintMs: null };
      }
      const { kind, said } = judgeProbe(request.subject, answer, type, settings.verdict_overrides ?? []);
      const isLast = index === requests.length - 1;
      if (kind === 'unknown' && !isLast) continue;
      const refusal = kind === 'unknown' && said !== null ? unsupported(said) : said;
      return {
        depth: request.depth,
        verdict: kind === 'accepted' ? null : refusal,
        said: refusal,
        httpStatus: answer.status,
        hintMs: retryHintMs(answer, this.clock.wallMs()),
      };
    }
    throw new Error('A probe has at least one request');
  }

  /** The answer, or the code of the error that came instead. */
  private async exchange(
    request: ProbeRequest,
    { upstream, secret }: ProbeTarget,
    signal: AbortSignal,
  ): Promise<ProbeAnswer | string> {
    const timeout = AbortSignal.timeout(this.config.keyProbeTimeoutMs);
    try {
      const { status, headers, data } = await firstValueFrom(
        this.http.request<Readable>({
          ...guardedRequest(upstream, this.config.upstreamAllow),
          url: request.url,
          method: request.method,
          headers: { ...request.headers },
          ...(request.body && { data: request.body }),
          responseType: 'stream',
          signal: AbortSignal.any([signal, timeout]),
        }),
      );
      const body = await readStart(data);
      return {
        status,
        header: (name) => String(headers[name] ?? ''),
        body: redactKeys(body.toString('utf8'), secret),
        isWhole: body.length < MOST_ANSWER_BYTES,
      };
    } catch (error) {
      if (timeout.aborted) return 'ETIMEDOUT';
      // The code alone: an error of the client holds the whole request, and with it the key.
      const { code } = error as { code?: unknown };
      return typeof code === 'string' ? code : '';
    }
  }
}

function targetOf({ upstream, secret, state }: RevealedKey, model: string | undefined): ProbeTarget {
  const asked = model ?? upstream.settings.test_model ?? upstream.models[0];
  return {
    upstream: new URL(upstream.baseUrl),
    provider: upstream.type,
    secret,
    state,
    model: asked === undefined ? null : mapped(asked, upstream),
  };
}

function mapped(model: string, { modelMapping }: KeyUpstream): string {
  return (Object.hasOwn(modelMapping, model) ? modelMapping[model] : undefined) ?? model;
}

/** The first MiB; the rest is not read. */
async function readStart(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MOST_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks, Math.min(length, MOST_ANSWER_BYTES));
}
