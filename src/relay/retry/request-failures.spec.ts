import type { AttemptFacts, Strike } from '../../health/attempt-facts';
import type { KeyHealth } from '../../health/key-health';
import type { VerdictKind } from '../../channels/verdict-kinds';
import type { Verdict } from '../../health/verdict/verdict';
import type { RefusedAnswer } from '../answer/refused-answer';
import { RequestFailures } from './request-failures';

interface Step {
  readonly kind: VerdictKind;
  readonly code?: string;
  readonly channelId?: number;
}

describe(RequestFailures, () => {
  let punished: string[];
  let refunded: string[];
  let failures: RequestFailures;

  beforeEach(() => {
    punished = [];
    refunded = [];
    const punish = (attempt: AttemptFacts, { kind }: Verdict): Strike => {
      const name = `${attempt.channel.id}:${attempt.key.index}`;
      punished.push(`${name} ${kind}`);
      return { refund: () => refunded.push(name) };
    };
    failures = new RequestFailures({ punish } as Partial<KeyHealth> as KeyHealth);
  });

  function fail(...steps: Step[]): void {
    steps.forEach(({ kind, code = 'a_code', channelId = 1 }, index) => {
      const attempt = { channel: { id: channelId }, key: { index } } as AttemptFacts;
      const answer = { status: 400 + index } as RefusedAnswer;
      failures.add(attempt, { verdict: { kind, code } as Verdict, answer, transport: null });
    });
  }

  it.each<VerdictKind>(['KEY_DEAD', 'KEY_MODEL', 'AMBIGUOUS'])(
    'blames the request when a second key of the channel fails with the same %s',
    (kind) => {
      fail({ kind }, { kind });
      expect(punished).toHaveLength(2);
      expect(refunded).toEqual(['1:0', '1:1']);
    },
  );

  it('refunds a third key too, and none twice', () => {
    fail({ kind: 'KEY_DEAD' }, { kind: 'KEY_DEAD' }, { kind: 'KEY_DEAD' });
    expect(refunded).toEqual(['1:0', '1:1', '1:2']);
  });

  it.each<[string, Step, Step]>([
    ['of another kind', { kind: 'KEY_DEAD' }, { kind: 'AMBIGUOUS' }],
    ['by another code', { kind: 'KEY_DEAD' }, { kind: 'KEY_DEAD', code: 'other' }],
    ['of another channel', { kind: 'KEY_DEAD' }, { kind: 'KEY_DEAD', channelId: 2 }],
    ['by rate', { kind: 'KEY_RATE' }, { kind: 'KEY_RATE' }],
    ['by exhaustion', { kind: 'KEY_EXHAUSTED' }, { kind: 'KEY_EXHAUSTED' }],
  ])('blames the keys when the second one fails %s', (_, first, second) => {
    fail(first, second);
    expect(refunded).toEqual([]);
  });

  it('counts the trouble of a channel once a request', () => {
    fail({ kind: 'CHANNEL' }, { kind: 'CHANNEL' }, { kind: 'CHANNEL', channelId: 2 });
    expect(punished).toEqual(['1:0 CHANNEL', '2:2 CHANNEL']);
  });

  it('passes on what the upstream says of the request, or of a model, unless waiting helps', () => {
    fail({ kind: 'KEY_MODEL' }, { kind: 'CHANNEL' });
    expect(failures.settle()?.status).toBe(400);
    fail({ kind: 'KEY_RATE' });
    expect(failures.settle()).toBeNull();
    fail({ kind: 'KEY_DEAD' }, { kind: 'REQUEST' });
    expect(failures.settle()?.status).toBe(401);
  });

  it('benches no key for a model when the client hears that there is none, once', () => {
    fail({ kind: 'KEY_MODEL' }, { kind: 'KEY_DEAD' });
    expect(refunded).toEqual([]);
    failures.settle();
    failures.settle();
    expect(refunded).toEqual(['1:0']);
  });

  it('keeps a bench when the client hears something else', () => {
    fail({ kind: 'KEY_MODEL' }, { kind: 'REQUEST' });
    failures.settle();
    expect(refunded).toEqual([]);
  });

  it('has the refusal of a request counted too, once', () => {
    fail({ kind: 'REQUEST' });
    failures.settle();
    expect(punished).toEqual(['1:0 REQUEST']);
  });

  it('remembers which attempts failed', () => {
    fail({ kind: 'KEY_RATE' }, { kind: 'CHANNEL', channelId: 2 });
    expect(failures.attempts.map(({ channel, key }) => [channel.id, key.index])).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });
});
