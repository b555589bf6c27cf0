import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock';
import { AppConfig } from '../../config/app-config';
import type { RevealedKey } from '../../keys/key-reader';
import { retryHintMs } from '../cooling/retry-hint';
import { classifyTransport } from '../verdict/classifier';
import type { Verdict } from '../verdict/verdict';
import { redactKeys } from '../key-redaction';
import { type OwnAnswer, OwnRequests } from '../own-requests';
import { judgeProbe, unsupported } from './probe-judgement';
import type { ProbeDepth, ProbeReport } from './probe-report';
import { type ProbeRequest, probeRequests, probeTarget } from './probe-requests';

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
    private readonly requests: OwnRequests,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** Never throws: that no answer came is an outcome too, as is the end of `signal`. */
  async send(key: RevealedKey, ask: ProbeAsk, signal: AbortSignal): Promise<ProbeOutcome> {
    const startedAtMs = this.clock.nowMs();
    const told = await this.ask(key, ask, signal);
    return { ...told, latencyMs: Math.round(this.clock.nowMs() - startedAtMs) };
  }

  private async ask(
    key: RevealedKey,
    { depth, model }: ProbeAsk,
    signal: AbortSignal,
  ): Promise<Omit<ProbeOutcome, 'latencyMs'>> {
    const { type, settings } = key.upstream;
    const requests = probeRequests(probeTarget(key, model), depth);
    for (const [index, request] of requests.entries()) {
      const answer = await this.exchange(request, key, signal);
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

  /** The answer with every key in it masked, or the code of the error that came instead. */
  private async exchange(
    request: ProbeRequest,
    { upstream, secret }: RevealedKey,
    signal: AbortSignal,
  ): Promise<OwnAnswer | string> {
    const destination = { upstream: new URL(upstream.baseUrl), proxy: upstream.proxy };
    const limits = { timeoutMs: this.config.keyProbeTimeoutMs, mostBytes: MOST_ANSWER_BYTES, signal };
    const answer = await this.requests.send(request, destination, limits);
    return typeof answer === 'string' ? answer : { ...answer, body: redactKeys(answer.body, secret) };
  }
}
