import type { ExchangeOutcome } from './exchange-setup';
import { recordedUsage } from './recorded-usage';

const STATED = { promptTokens: 25, completionTokens: 1, cachedTokens: 20 };

interface Given {
  readonly path?: string;
  readonly json?: string | null;
  readonly endReason?: ExchangeOutcome['endReason'];
  readonly usage?: typeof STATED | null;
  readonly payloadEvents?: number | null;
  readonly passedBytes?: number;
}

/** As much of an outcome as counts here. */
function outcome({ path = '/v1/messages', json = '{"max_tokens":1}', ...given }: Given): ExchangeOutcome {
  const { endReason = 'done', usage = null, payloadEvents = 40, passedBytes = 0 } = given;
  const request = { route: { path }, content: { json: json === null ? null : Buffer.from(json) } };
  return {
    request,
    endReason,
    answer: { usage, payloadEvents, passedBytes, firstByteAtMs: 1 },
  } as unknown as ExchangeOutcome;
}

describe(recordedUsage, () => {
  it('is what the upstream said of an answer that went to its end', () => {
    expect(recordedUsage(outcome({ usage: STATED }))).toEqual({ usage: STATED, isEstimated: false });
    expect(recordedUsage(outcome({ usage: STATED, payloadEvents: null }))).toEqual({
      usage: STATED,
      isEstimated: false,
    });
  });

  it('is estimated by its events and the length of its request where a stream says nothing', () => {
    const usage = { promptTokens: 4, completionTokens: 40, cachedTokens: null };
    expect(recordedUsage(outcome({}))).toEqual({ usage, isEstimated: true });
  });

  it('goes beyond what a stream had said when it was cut', () => {
    const usage = { ...STATED, completionTokens: 40 };
    expect(recordedUsage(outcome({ usage: STATED, endReason: 'client_gone' }))).toEqual({ usage, isEstimated: true });
  });

  it('takes no picture or sound for text', () => {
    for (const json of ['{"url":"data:image/png;base64,AAAA"}', '{"inlineData":{"data":"AAAA"}}', null]) {
      expect(recordedUsage(outcome({ json })).usage?.promptTokens).toBeNull();
    }
  });

  it('is estimated by the bytes that passed where an answer that is no stream was cut', () => {
    for (const endReason of ['client_gone', 'timeout', 'upstream_error'] as const) {
      const usage = { promptTokens: 4, completionTokens: 25, cachedTokens: null };
      const cut = outcome({ payloadEvents: null, passedBytes: 100, endReason });
      expect(recordedUsage(cut)).toEqual({ usage, isEstimated: true });
    }
  });

  it('is what was asked where the client left before any answer', () => {
    const usage = { promptTokens: 4, completionTokens: 0, cachedTokens: null };
    expect(recordedUsage({ ...outcome({ endReason: 'client_gone' }), answer: null })).toEqual({
      usage,
      isEstimated: true,
    });
  });

  it('is not estimated where an answer is no text, or there is none', () => {
    const unknown = { usage: null, isEstimated: false };
    expect(recordedUsage(outcome({ payloadEvents: null }))).toEqual(unknown);
    expect(recordedUsage(outcome({ path: '/v1/images/generations' }))).toEqual(unknown);
    expect(recordedUsage({ ...outcome({}), answer: null })).toEqual(unknown);
  });
});
