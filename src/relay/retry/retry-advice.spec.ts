import type { VerdictKind } from '../../channels/verdict-kinds';
import type { Verdict } from '../../health/verdict/verdict';
import type { RefusedAnswer } from '../answer/refused-answer';
import { type RetryAdvice, retryAdvice } from './retry-advice';

function after(kind: VerdictKind, status: number): RetryAdvice {
  return retryAdvice({ verdict: { kind } as Verdict, answer: { status } as RefusedAnswer, transport: null });
}

function afterNoAnswer(wasSent: boolean, kind: VerdictKind = 'CHANNEL'): RetryAdvice {
  return retryAdvice({ verdict: { kind } as Verdict, answer: null, transport: { code: 'ECONNRESET', wasSent } });
}

describe(retryAdvice, () => {
  it.each<[VerdictKind, number, RetryAdvice]>([
    ['REQUEST', 400, { to: 'nowhere', mostMore: 0, needsBudget: false }],
    ['KEY_RATE', 429, { to: 'next-key', mostMore: Infinity, needsBudget: false }],
    ['KEY_EXHAUSTED', 402, { to: 'next-key', mostMore: Infinity, needsBudget: false }],
    ['KEY_DEAD', 401, { to: 'next-key', mostMore: Infinity, needsBudget: false }],
    ['AMBIGUOUS', 403, { to: 'next-key', mostMore: Infinity, needsBudget: false }],
    ['KEY_MODEL', 404, { to: 'next-key', mostMore: 1, needsBudget: false }],
    ['CHANNEL', 500, { to: 'elsewhere-first', mostMore: Infinity, needsBudget: true }],
    ['CHANNEL', 200, { to: 'elsewhere-first', mostMore: Infinity, needsBudget: true }],
    ['CHANNEL', 408, { to: 'elsewhere-first', mostMore: 1, needsBudget: true }],
    ['CHANNEL', 409, { to: 'elsewhere-first', mostMore: 1, needsBudget: true }],
    ['HOST', 403, { to: 'another-channel', mostMore: Infinity, needsBudget: true }],
  ])('after %s by a %i advises %j', (kind, status, advice) => {
    expect(after(kind, status)).toEqual(advice);
  });

  it('goes elsewhere when nothing was sent, as often as it takes', () => {
    expect(afterNoAnswer(false)).toEqual({ to: 'elsewhere-first', mostMore: Infinity, needsBudget: true });
  });

  it('tries once more at most when a request that was sent gets no answer: it may be paid for', () => {
    expect(afterNoAnswer(true)).toEqual({ to: 'elsewhere-first', mostMore: 1, needsBudget: true });
  });

  it('leaves a channel that will not have us', () => {
    expect(afterNoAnswer(false, 'HOST').to).toBe('another-channel');
  });
});
