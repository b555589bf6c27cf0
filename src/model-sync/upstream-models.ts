import { Injectable } from '@nestjs/common';
import { MOST_MODELS } from '../channels/channel-models';
import { dialectOf } from '../channels/providers';
import { Clock } from '../common/clock';
import { redactKeys } from '../health/key-redaction';
import { type OwnAnswer, OwnRequests } from '../health/own-requests';
import { modelListRequest, probeTarget } from '../health/probe/probe-requests';
import { classify, classifyTransport } from '../health/verdict/classifier';
import type { Verdict } from '../health/verdict/verdict';
import type { RevealedKey } from '../keys/key-reader';
import { type ModelPage, pageQuery, readModelPage } from './model-page';
import type { ListRefusal } from './model-sync.errors';

const TIMEOUT_MS = 30_000;
const MOST_BYTES = 10 * 1024 * 1024;
const MOST_PAGES = 20;

/** What one list may still take. */
interface Allowance {
  readonly deadlineMs: number;
  bytes: number;
}

/** Asks upstreams which models a key may use; a list takes half a minute, 10 MiB and 20 pages at most. */
@Injectable()
export class UpstreamModels {
  constructor(
    private readonly requests: OwnRequests,
    private readonly clock: Clock,
  ) {}

  /** Each model once, in the upstream's order, or why there is no list: one of no models or of more than 1,000 is none. */
  async list(key: RevealedKey): Promise<readonly string[] | ListRefusal> {
    const models = new Set<string>();
    const allowance = { deadlineMs: this.clock.nowMs() + TIMEOUT_MS, bytes: MOST_BYTES };
    let cursor: string | null = null;
    for (let pages = 0; pages < MOST_PAGES && models.size <= MOST_MODELS; pages++) {
      const page = await this.page(key, cursor, allowance);
      if ('code' in page) return page;
      for (const name of page.names) models.add(name);
      ({ cursor } = page);
      if (cursor === null) break;
    }
    if (cursor !== null || models.size > MOST_MODELS) return unusable('too_many_models');
    return models.size === 0 ? unusable('empty_list') : [...models];
  }

  private async page(key: RevealedKey, cursor: string | null, allowance: Allowance): Promise<ModelPage | ListRefusal> {
    const { upstream, secret } = key;
    const dialect = dialectOf(upstream.type);
    const answer = await this.requests.send(
      modelListRequest(probeTarget(key, undefined), pageQuery(dialect, cursor)),
      { upstream: new URL(upstream.baseUrl), proxy: upstream.proxy },
      { timeoutMs: Math.max(1, Math.round(allowance.deadlineMs - this.clock.nowMs())), mostBytes: allowance.bytes },
    );
    if (typeof answer === 'string') return refusal(null, classifyTransport(answer));
    if (answer.status < 200 || answer.status > 299) return said(key, answer);
    if (!answer.isWhole) return unusable('too_long');
    allowance.bytes -= Buffer.byteLength(answer.body);
    return readModelPage(dialect, answer.body, secret) ?? said(key, answer);
  }
}

function said({ upstream, secret }: RevealedKey, answer: OwnAnswer): ListRefusal {
  const masked = { ...answer, body: redactKeys(answer.body, secret) };
  return refusal(answer.status, classify(upstream.type, masked, upstream.settings.verdict_overrides ?? []));
}

function refusal(status: number | null, verdict: Verdict): ListRefusal {
  const { kind, code, message } = verdict;
  return { http_status: status, verdict: kind, code, message };
}

function unusable(code: string): ListRefusal {
  return { http_status: 200, verdict: null, code, message: '' };
}
