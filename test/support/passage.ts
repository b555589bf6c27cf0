import {
  answerLines,
  expectedAnswerLines,
  expectedRequestLines,
  type HeaderChanges,
  requestLines,
} from './passed-headers';
import type { RecordedExchange } from './recorded-exchange';
import type { RecordingServer } from './recording-server';
import type { RecordingUpstream } from './recording-upstream';

/** Where a client is pointed, and with what. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** A channel as far as it shows in the requests to its upstream. */
export interface PassageChannel {
  readonly type: string;
  readonly keys: readonly string[];
  readonly overrides: HeaderChanges['overrides'];
}

const CREDENTIAL_HEADERS: Readonly<Record<string, string>> = {
  azure: 'api-key',
  anthropic: 'x-api-key',
  gemini: 'x-goog-api-key',
};
const DEFAULTS: Readonly<Record<string, HeaderChanges['defaults']>> = {
  anthropic: { 'anthropic-version': '2023-06-01' },
};

/** The way of one client's requests through Keymux to one channel's upstream, recorded at both ends. */
export class Passage {
  constructor(
    /** Keymux, through the recorder in front of it. */
    readonly through: Endpoint,
    private readonly front: RecordingServer,
    readonly upstream: RecordingUpstream,
    private readonly channel: PassageChannel,
  ) {}

  /** The client's requests. */
  get requests(): readonly RecordedExchange[] {
    return this.front.exchanges;
  }

  /** The keys of the upstream's requests, in their order. */
  get keysUsed(): string[] {
    return this.upstream.exchanges.map((exchange) => this.keyOf(exchange));
  }

  /**
   * Checks that a client gets through Keymux what it gets from the upstream itself, and that every byte passed but for what
   * is documented.
   */
  async expectSame(call: (endpoint: Endpoint) => Promise<unknown>): Promise<void> {
    this.forget();
    const direct = await call({ baseUrl: this.upstream.baseUrl, apiKey: this.channel.keys[0] ?? '' });
    this.forget();
    expect(await call(this.through)).toEqual(direct);
    this.expectPassed();
  }

  /** Checks that every request recorded since `forget` passed, and its answer, one for one. */
  expectPassed(): void {
    expect(this.requests.length).toBeGreaterThan(0);
    expect(this.upstream.exchanges).toHaveLength(this.requests.length);
    this.requests.forEach((sent, i) => {
      const reached = this.upstream.exchanges[i];
      if (!reached) throw new Error('no request reached the upstream');
      this.expectRequestPassed(sent, reached);
      expectAnswerPassed(reached, sent);
    });
  }

  /** Checks that this request of the client is what reached the upstream. */
  expectRequestPassed(sent: RecordedExchange, reached: RecordedExchange): void {
    const key = this.keyOf(reached);
    expect(this.channel.keys).toContain(key);
    const { type, overrides } = this.channel;
    const credential = [this.credentialHeader, this.isBearer ? `Bearer ${key}` : key] as const;
    const changes = { credential, overrides, defaults: DEFAULTS[type] ?? {} };
    expect([reached.method, reached.target]).toEqual([sent.method, sent.target]);
    expect(requestLines(reached.requestHeaders)).toEqual(expectedRequestLines(sent.requestHeaders, changes));
    expectSameBytes(reached.requestBody, sent.requestBody);
  }

  forget(): void {
    this.front.forget();
    this.upstream.forget();
  }

  private get credentialHeader(): string {
    return CREDENTIAL_HEADERS[this.channel.type] ?? 'authorization';
  }

  private get isBearer(): boolean {
    return this.credentialHeader === 'authorization';
  }

  private keyOf(exchange: RecordedExchange): string {
    const value = exchange.requestHeader(this.credentialHeader) ?? '';
    return this.isBearer ? value.replace(/^Bearer /, '') : value;
  }
}

function expectAnswerPassed(sent: RecordedExchange, received: RecordedExchange): void {
  expect(received.status).toBe(sent.status);
  const facts = { status: sent.status, hasOrigin: received.requestHeader('origin') !== null };
  expect(answerLines(received.answerHeaders)).toEqual(expectedAnswerLines(sent.answerHeaders, facts));
  expectSameBytes(received.answerBody, sent.answerBody);
}

/** A difference within megabytes is not for reading: what fails is shown up to there. */
function expectSameBytes(got: Buffer, wanted: Buffer): void {
  if (got.equals(wanted)) return;
  const at = got.findIndex((byte, i) => byte !== wanted[i]);
  const from = Math.max(0, at - 40);
  expect([got.length, got.toString('latin1', from, at + 40)]).toEqual([
    wanted.length,
    wanted.toString('latin1', from, at + 40),
  ]);
}
