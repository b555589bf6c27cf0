import { Injectable } from '@nestjs/common';
import { ChannelReader } from '../../channels/channel-reader';
import type { VerdictKind } from '../../channels/verdict-kinds';
import { EVENT_STREAM, openingOf, PAGE } from '../../common/answer-opening';
import { Clock } from '../../common/clock';
import { firstEventData } from '../../common/first-event-data';
import type { KeyState } from '../../keys/key-state';
import { exhaustedMs, rateCoolingMs } from '../cooling/cooling-time';
import { retryHintMs } from '../cooling/retry-hint';
import { HealthPolicies, type HealthPolicy } from '../health-policy';
import { MODEL_CLOSED_MS } from '../key-health';
import { MODEL_BENCH_MS } from '../key-penalties';
import { classify } from '../verdict/classifier';
import type { UpstreamAnswer, Verdict } from '../verdict/verdict';
import type { ClassifiedDto, ClassifiedEffectDto, ClassifyDto } from './classify.dto';

const NO_EFFECT: ClassifiedEffectDto = {
  state: null,
  for_one_model: false,
  rests_ms: null,
  model_closed_ms: null,
  blames_channel: false,
};
const GOOD: ClassifiedDto = { verdict: null, rule: null, code: null, message: null, effect: NO_EFFECT };

/** Says what an upstream's answer would mean for a channel and a key of it, without anybody sending anything. */
@Injectable()
export class AnswerClassifier {
  constructor(
    private readonly channels: ChannelReader,
    private readonly policies: HealthPolicies,
    private readonly clock: Clock,
  ) {}

  async classify(channelId: number, { status, headers = {}, body = '' }: ClassifyDto): Promise<ClassifiedDto> {
    const { type, settings } = await this.channels.getSummary(channelId);
    const policy = this.policies.of(settings);
    const texts = new Map(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));
    const sent: UpstreamAnswer = { status, header: (name) => texts.get(name) ?? '', body };
    if (isGood(sent)) return GOOD;
    const answer = isEventStream(sent) ? { ...sent, body: firstEventData(Buffer.from(body)).toString() } : sent;
    const verdict = classify(type, answer, policy.overrides);
    const { kind, rule, code, message } = verdict;
    return { verdict: kind, rule, code, message, effect: this.effectOf(verdict, answer, policy) };
  }

  private effectOf(verdict: Verdict, answer: UpstreamAnswer, policy: HealthPolicy): ClassifiedEffectDto {
    const { kind, scope } = verdict;
    const state = policy.autoDisable ? stateAfter(verdict) : null;
    const rests = kind === 'KEY_MODEL' || state === 'cooling' || state === 'exhausted';
    return {
      state,
      for_one_model: rests && scope === 'model',
      rests_ms: rests ? this.restMs(verdict, answer, policy) : null,
      model_closed_ms: closesModel(verdict) ? this.closedMs(verdict, answer, policy) : null,
      blames_channel: blamesChannel(verdict),
    };
  }

  private closedMs(verdict: Verdict, answer: UpstreamAnswer, policy: HealthPolicy): number | null {
    if (verdict.kind === 'CHANNEL') return MODEL_CLOSED_MS;
    return policy.autoDisable ? this.restMs(verdict, answer, policy) : null;
  }

  private restMs(verdict: Verdict, answer: UpstreamAnswer, policy: HealthPolicy): number {
    if (verdict.kind === 'KEY_MODEL') return verdict.fixedCoolMs ?? MODEL_BENCH_MS;
    const wallNowMs = this.clock.wallMs();
    const refusal = { hintMs: retryHintMs(answer, wallNowMs), verdict, level: 0, jitter: 0 };
    return Math.round(
      verdict.kind === 'KEY_EXHAUSTED'
        ? exhaustedMs({ ...refusal, defaultMs: policy.exhaustedMs, wallNowMs })
        : rateCoolingMs({ ...refusal, defaultMs: policy.coolDefaultMs }),
    );
  }
}

const STATES: Readonly<Record<VerdictKind, KeyState | null>> = {
  REQUEST: null,
  KEY_RATE: 'cooling',
  KEY_EXHAUSTED: 'exhausted',
  KEY_DEAD: 'suspect',
  KEY_MODEL: null,
  CHANNEL: null,
  HOST: null,
  AMBIGUOUS: 'suspect',
};

/** As the relay sees it, which passes such an answer on without asking what it means. */
function isGood(answer: UpstreamAnswer): boolean {
  const { status, header, body } = answer;
  if (status < 200 || status >= 300 || PAGE.test(header('content-type'))) return false;
  return openingOf(Buffer.from(body), isEventStream(answer)) !== 'error';
}

function isEventStream({ header }: UpstreamAnswer): boolean {
  return EVENT_STREAM.test(header('content-type'));
}

function stateAfter(verdict: Verdict): KeyState | null {
  if (closesModel(verdict)) return null;
  return verdict.kind === 'KEY_EXHAUSTED' && verdict.scope === 'model' ? 'cooling' : STATES[verdict.kind];
}

function closesModel({ kind, scope }: Verdict): boolean {
  return (kind === 'KEY_RATE' && scope === 'channel') || (kind === 'CHANNEL' && scope === 'model');
}

function blamesChannel({ kind, scope }: Verdict): boolean {
  return (kind === 'CHANNEL' || kind === 'HOST') && scope !== 'model';
}
