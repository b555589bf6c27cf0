import type { RequestRecord } from '../../usage/request-record';
import { UNKNOWN_USAGE } from '../../usage/token-usage';
import type { ExchangeOutcome } from './exchange-setup';

const STREAMS_TEXT = /(?:\/completions|\/responses|\/messages|:streamGenerateContent)$/;
/** Marks of pictures and sounds, whose bytes say nothing about tokens. */
const MEDIA_MARKS = ['base64', 'inlineData', 'inline_data', 'input_audio'];
const BYTES_A_TOKEN = 4;

/**
 * What a request cost. Of text that did not say so to its end, it is estimated: a token for each event of a stream, which is
 * what most upstreams send, or for every four bytes of another answer that was cut; and one for every four bytes of the
 * request, unless there is more than text in it. A request whose client left before any answer counts what it asked.
 */
export function recordedUsage(outcome: ExchangeOutcome): Pick<RequestRecord, 'usage' | 'isEstimated'> {
  const stated = outcome.answer?.usage ?? null;
  const written = STREAMS_TEXT.test(outcome.request.route.path) ? unstatedTokens(outcome) : null;
  if (written === null) return { usage: stated, isEstimated: false };
  const { promptTokens, completionTokens, cachedTokens } = stated ?? UNKNOWN_USAGE;
  const usage = {
    promptTokens: promptTokens ?? promptTokensIn(outcome.request.content.json),
    completionTokens: Math.max(completionTokens ?? 0, written),
    cachedTokens,
  };
  return { usage, isEstimated: true };
}

/** What was written of an answer, as far as it can be told; null where nothing is to be estimated. */
function unstatedTokens({ answer, endReason }: ExchangeOutcome): number | null {
  if (answer === null) return endReason === 'client_gone' ? 0 : null;
  const { usage, payloadEvents, passedBytes } = answer;
  if (endReason === 'done' && (usage !== null || payloadEvents === null)) return null;
  return payloadEvents ?? Math.ceil(passedBytes / BYTES_A_TOKEN);
}

function promptTokensIn(json: Buffer | null): number | null {
  if (json === null || MEDIA_MARKS.some((mark) => json.includes(mark))) return null;
  return Math.ceil(json.length / BYTES_A_TOKEN);
}
